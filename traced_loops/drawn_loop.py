"""A drawn loop with its files in memory: what the library gives, and how a notebook shows it."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_trace.trace import TraceError
from scenes.catalogue import CATALOGUE
from traced_loops.arguments import entries_of, plain_errors
from traced_loops.storage import value_text

if TYPE_CHECKING:
    from scenes.entry import Entry

_LONGEST = 70  # characters of a column

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Value:
    """A value that a loop shows, and where it comes from.

    ``said`` is what it is, in a sentence. ``boxes`` are its places in the still: left, top, width and height
    in parts of the frame; of a list one for each number, None where that is not drawn.

    ``trace[value.tensor]`` at ``value.index`` is where it was recorded, if ``formula`` is "value"; else it is
    computed of what stands at ``sources``. A published figure has no tensor but a ``fact`` and its
    ``publication``.
    """

    value: float | int | str | tuple[float, ...]
    printed: str | None
    path: str
    sources: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    formula: str | None = None
    fact: str | None = None
    publication: str | None = None
    said: str = ""
    boxes: tuple[Box | None, ...] = ()

    @property
    def tensor(self) -> str | None:
        """Name of the tensor, the first where the value is computed of several."""
        return self.sources[0][0] if self.sources else None

    @property
    def index(self) -> tuple[Any, ...]:
        """Index in that tensor, ready to be used as one."""
        return self.sources[0][1] if self.sources else ()

    @property
    def row(self) -> tuple[str, str, str]:
        """Its sentence, the value unrounded, and its source, as text."""
        source = self.publication or value_text.source(self.sources, self.formula or "value")
        return self.said or self.printed or self.path, value_text.raw(self.value), source


class Values(tuple[Value, ...]):
    """The values of a loop, shown as a table of what each is, the value unrounded, and its source."""

    def __repr__(self) -> str:
        rows = [tuple(_short(text) for text in value.row) for value in self]
        widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
        return "\n".join(f"{said:<{widths[0]}}  {raw:<{widths[1]}}  {source}" for said, raw, source in rows)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("value", "raw value", "source"))
        rows = (
            "".join(f'<td style="text-align: start">{html.escape(text)}</td>' for text in value.row)
            for value in self
        )
        body = "".join(f"<tr>{cells}</tr>" for cells in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


@dataclass(frozen=True, repr=False)
class Loop:
    """A drawn loop or figure, with all its files in memory; a notebook shows it with the page's player."""

    number: str
    files: Mapping[str, bytes]
    provenance: Mapping[str, Any] = field(compare=False)
    _html: str = field(compare=False)

    @property
    def webm(self) -> bytes:
        """The video; a figure has none."""
        return self._file("webm")

    @property
    def still(self) -> bytes:
        """The finished picture as PNG, which is the loop's first frame and its last."""
        return self._file("png")

    @property
    def transcript(self) -> str:
        """What it shows in words, a paragraph and a line for each step."""
        told = self.provenance["transcript"]
        return "\n".join([told["paragraph"], *(f"- {step['text']}" for step in told["steps"])])

    @property
    def values(self) -> Values:
        """A table of every value it shows, each with the tensor and the index that it was read from."""
        return Values(_value(each, self.provenance["facts"]) for each in self.provenance["values"])

    def save(self, folder: str | Path, *, force: bool = False) -> Path:
        """Write its files into ``folder`` beside others that are there, and return the folder.

        Raises:
            ValueError: a file is there that is not ours, and not to be replaced by ``force``; in one line.
        """
        with plain_errors():
            from traced_loops.storage.addresses import typed_path

            place = typed_path(str(folder))
            (entry,) = entries_of([self.number])
            _put(entry, self.files, place, force)
            return place

    def _file(self, ending: str) -> bytes:
        for name, content in self.files.items():
            if name.partition(".")[2] == ending:
                return content
        there = ", ".join(sorted(f".{name.partition('.')[2]}" for name in self.files))
        raise TraceError(f"{self.number} has no .{ending} file: choose from {there}")

    def __repr__(self) -> str:
        kind = "Figure" if self.number.startswith("f") else "Loop"
        return f"{kind} {self.number}: {self.provenance['idea']}"

    def _repr_html_(self) -> str:
        return self._html

    def _repr_png_(self) -> bytes:
        return self.still

    def _mime_(self) -> tuple[str, str]:
        """Show itself in marimo, which runs scripts in frames alone."""
        width, height = self.provenance["size"]
        frame = f"width: 100%; border: 0; aspect-ratio: {width} / {round(height * 1.25)}"
        page = f'<!doctype html><meta charset="utf-8">{self._html}'
        return "text/html", f'<iframe style="{frame}" srcdoc="{html.escape(page)}"></iframe>'


def read_loops(entries: Sequence[Entry], folder: Path) -> list[Loop]:
    """The loops that were drawn into the folder, with their files."""
    from traced_loops.article.hosts import standalone

    shown = standalone(folder)
    found = []
    for entry in entries:
        files = {file.name: file.read_bytes() for file in sorted(folder.glob(f"{entry.stem}.*"))}
        provenance = json.loads(files[f"{entry.stem}.json"])
        found.append(Loop(entry.number, files, provenance, shown[entry.number]))
    return found


def _value(entry: Mapping[str, Any], facts: Mapping[str, str]) -> Value:
    """A value as the provenance has it."""
    origin = entry.get("from", {})
    value = entry["value"]
    boxes = [entry["box"]] if "box" in entry else []
    return Value(
        value=tuple(value) if isinstance(value, list) else value,
        printed=entry.get("printed"),
        path=entry["path"],
        sources=tuple(
            (
                each["tensor"],
                tuple(place if isinstance(place, int) else tuple(place) for place in each["index"]),
            )
            for each in origin.get("sources", ())
        ),
        formula=origin.get("formula"),
        fact=entry.get("fact"),
        publication=facts.get(entry.get("fact", "")),
        said=entry.get("said", ""),
        boxes=tuple(box and tuple(box) for box in entry.get("cells") or entry.get("boxes") or boxes),
    )


def _short(text: str) -> str:
    """The text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _put(entry: Entry, files: Mapping[str, bytes], folder: Path, force: bool) -> None:
    """Put a loop's files into the folder, and list it there with those that are listed already."""
    from traced_loops.rendering import outputs
    from traced_loops.storage import addresses
    from traced_loops.storage.manifest_schema import MANIFEST, Manifest
    from traced_loops.storage.ownership import read_listing

    outputs.check_names(files, folder, force=force)
    addresses.prepare(folder)
    listed = {entry.number}
    if (folder / MANIFEST).is_file():
        before = read_listing(folder, Manifest)
        listed |= {each.loop for each in before.loops} | {each.figure for each in before.figures}
    outputs.put(entry, files, folder, force=force)
    with addresses.alone(folder):
        outputs.write_manifest([each for each in CATALOGUE if each.number in listed], folder, force=force)
