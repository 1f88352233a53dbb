"""The command: ``traced-loops``, ``python -m traced_loops``, or ``python render.py`` from a clone."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line."""
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt while it loads needs no words
    from traced_loops.cli import commands

    commands.main()


if __name__ == "__main__":
    main()
