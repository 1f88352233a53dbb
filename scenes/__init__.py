"""The loops and figures: for each the content chosen from a trace, and the scene that draws it."""
