"""Traced loops in a notebook: ``loop(4)`` shows one, ``loop("f01")`` a figure.

It carries its files within it, so a notebook with loops can be sent and converted.
"""

import base64
import json
import re
from pathlib import Path

_HERE = Path(__file__).parent
_SAID = json.loads((_HERE / "figures.json").read_text(encoding="utf-8"))
_TYPES = {
    ".webm": "video/webm",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".webp": "image/webp",
    ".vtt": "text/vtt",
}


class Loop:
    """A loop or a figure; a notebook shows it as HTML, and where that cannot be, as its still or its text."""

    def __init__(self, number: str | int) -> None:
        digits = re.fullmatch(r"([fF]?)0*([0-9]+)", str(number))
        self.number = f"{digits[1].lower()}{int(digits[2]):02}" if digits else str(number)
        if self.number not in _SAID["figures"]:
            raise ValueError(f"there is no loop {number}; there are {', '.join(_SAID['figures'])}")

    def _repr_html_(self) -> str:
        first, *others = _SAID["figures"][self.number]
        cut = [other.partition('"') for other in others]
        html = first + "".join(_carried(name) + quote + rest for name, quote, rest in cut)
        style, script = (
            _HERE.joinpath(name).read_text(encoding="utf-8") for name in ("loops.css", "loops.js")
        )
        return f"<style>\n{style}</style>\n{html}\n<script>\n{script}</script>"

    def _repr_png_(self) -> bytes:
        return _HERE.joinpath(_SAID["stills"][self.number]).read_bytes()

    def __repr__(self) -> str:
        return str(_SAID["texts"][self.number])


loop = Loop


def _carried(name: str) -> str:
    """The file as an address that holds it."""
    file = _HERE / name
    return f"data:{_TYPES[file.suffix]};base64,{base64.b64encode(file.read_bytes()).decode()}"
