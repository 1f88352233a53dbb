"""From a clone: ``python render.py …``; without arguments it makes everything, for the default texts."""

from traced_loops.__main__ import main

if __name__ == "__main__":
    main("all")
