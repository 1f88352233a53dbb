"""Make the loops that the documentation shows, in ``docs/_gallery``: ``make gallery``.

All loops in English and German, five prompts in three languages, and what ``--subject`` changes; each in both
themes and shapes. What is there already is kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parent
GALLERY = DOCS / "_gallery"
LOOK = ("--theme", "light,dark", "--shape", "wide,narrow", "--quality", "m")
# Each row's folder, its prompt, and the language of its words.
PROMPTS = {
    "capital": ("The capital of France is", "en"),
    "story": ("Once upon a time there was a", "en"),
    "code": ("def add(a, b):\n    return", "en"),
    "hauptstadt": ("Die Hauptstadt von Frankreich ist", "de"),
    "capitale": ("La capitale de la France est", "en"),
}
PROMPT_LOOPS = ("04", "07")
SUBJECTS = ("gpt3", "model")
SUBJECT_LOOPS = ("05", "07")


def make(gallery: Path, look: tuple[str, ...] = LOOK) -> int:
    """Make all of it in a folder; returns the exit code."""
    for arguments in _runs(gallery):
        print("traced-loops", *arguments, flush=True)
        from traced_loops.cli import main

        if code := main.run([*arguments, *look]):
            return code
    return 0


def _runs(gallery: Path) -> list[list[str]]:
    everything = ["all", "--extras", "--language", "en,de", "--output", str(gallery)]
    prompts = [
        [
            "videos",
            *PROMPT_LOOPS,
            "--prompt",
            prompt,
            "--language",
            language,
            "--output",
            str(gallery / "prompts" / name),
        ]
        for name, (prompt, language) in PROMPTS.items()
    ]
    subjects = [
        ["videos", *SUBJECT_LOOPS, "--subject", name, "--output", str(gallery / "subject" / name)]
        for name in SUBJECTS
    ]
    return [everything, *prompts, *subjects]


if __name__ == "__main__":
    sys.exit(make(GALLERY))
