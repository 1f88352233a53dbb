"""Run Python with the arguments given here, then those in the environment variable ARGS.

ARGS is split as a shell splits words: quotes and backslashes count. Nothing is expanded, so `$`, `*` and
backticks stay what they are.
"""

import os
import shlex
import sys

try:
    arguments = shlex.split(os.environ.get("ARGS", ""))
except ValueError as reason:  # a quote that is never closed
    sys.exit(f"ARGS cannot be split into words ({reason}): {os.environ['ARGS']}")
os.execv(sys.executable, [sys.executable, *sys.argv[1:], *arguments])
