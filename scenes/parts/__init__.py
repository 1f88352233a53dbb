"""The visual vocabulary: one noun a file."""
