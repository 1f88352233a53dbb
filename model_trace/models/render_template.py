"""Renders a chat template in a process of its own: ``chat`` runs this file as a script.

A template comes with a model and is untrusted. transformers' sandbox keeps it from everything outside; the
time and memory that it takes, which no sandbox bounds, are those of this process. Reads a JSON object from
standard input (``template``, ``prompts``, ``variables``) and writes one with ``texts`` or ``error``.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import resource
import sys

SECONDS = 5
BYTES = 2 * 2**30
# So that a recording made today is the one made tomorrow; Llama's templates fall back on this day, too.
TODAY = datetime.datetime(2024, 7, 26)


def _bound() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + SECONDS
    for kind, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, BYTES)):
        with contextlib.suppress(OSError, ValueError):  # not every system bounds memory
            resource.setrlimit(kind, (most, most))


def main() -> None:
    from transformers.utils.chat_template_utils import _compile_jinja_template

    asked = json.load(sys.stdin)
    _bound()
    answer: dict[str, object] = {}
    try:
        template = _compile_jinja_template(asked["template"])
        answer["texts"] = [
            template.render(
                messages=[{"role": "user", "content": prompt}],
                tools=None,
                documents=None,
                add_generation_prompt=True,
                strftime_now=TODAY.strftime,
                **asked["variables"],
            )
            for prompt in asked["prompts"]
        ]
    except Exception as error:
        # whatever a template may throw: for the user it is all the same
        answer["error"] = f"{type(error).__name__}: {error}"[:400]
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
