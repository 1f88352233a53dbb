"""Entries of the catalogue: a loop's number, file name and idea, and what it needs recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Needs = Literal["text", "code", "training", "fine-tuning", "attention", "temperatures"]


@dataclass(frozen=True)
class Entry:
    """One loop or figure: a folder under ``scenes/`` whose ``__init__.py`` has one as ``ENTRY``.

    Attributes:
        package: Import name of the folder, ``__name__`` there.
        number: Two digits, with an f before them for a figure.
        stem: Name of its files, without their endings.
        idea: What it says, in one sentence; a message of the catalogues, translated where it is shown.
        scene: Name of the class in ``scene.py`` that draws it.
        needs: What its trace must record: a text, a text that asks for code, the training of an untrained
            model, a fine-tuning, a text with the values that attention weighs, or one prompt at several
            temperatures.
        cost: CPU seconds that drawing it takes at 1920x1080, once measured for the default text, so that
            what takes longest is started first.
        extra: Made only when it is asked for by number or by ``--extras``.
    """

    package: str
    number: str
    stem: str
    idea: str
    scene: str
    needs: Needs = "text"
    cost: float = 1.0
    extra: bool = False

    @property
    def folder(self) -> Path:
        """The folder that holds its content, drawing, words, place on the page and default text."""
        return Path(__file__).with_name(self.package.rpartition(".")[2])

    @property
    def is_figure(self) -> bool:
        """Whether it is a still picture."""
        return self.number.startswith("f")
