"""From a clone: ``python render.py …``."""

from traced_loops.__main__ import main

if __name__ == "__main__":
    main()
