"""From content to files: draw, encode, write whole, list."""
