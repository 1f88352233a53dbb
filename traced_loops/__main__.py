"""The command: ``traced-loops``, ``python -m traced_loops``, or ``python render.py`` from a clone."""

from __future__ import annotations

import signal


def main(*without_arguments: str) -> None:
    """Run the command line; without arguments it prints its help, or does what is given here."""
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt while it loads needs no words
    from traced_loops.cli.main import main as run

    run(without_arguments or ("--help",))


if __name__ == "__main__":
    main()
