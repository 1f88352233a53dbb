"""What each loop says and how it looks: content chosen from a trace, and the drawing of it."""
