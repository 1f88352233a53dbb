"""Output folders made by hand: small, at once, and whole in the eyes of everything that reads them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.loops import entry
from traced_loops.jobs.layout import complete
from traced_loops.rendering import outputs
from traced_loops.storage import addresses
from traced_loops.storage.addresses import Where
from traced_loops.storage.manifest_schema import Manifest

NUMBERS = ("02", "04", "f01")


def picture(
    number: str, text: str = "one", media: Mapping[str, bytes] | None = None, **changes: Any
) -> dict[str, bytes]:
    """The files of a loop or figure of this text, by name; ``changes`` are to keys of its provenance.

    ``media`` are its pictures by ending, in place of made-up ones.
    """
    one = entry(number)
    endings = ("png", "svg") if one.is_figure else ("webm", "png", "vtt")
    media = media or {ending: f"{ending} of {text}".encode() for ending in endings}
    files = {f"{one.stem}.{ending}": content for ending, content in media.items()}
    said: dict[str, Any] = {
        "schema_version": 1,
        "loop": number,
        "idea": "An idea.",
        "subject": "GPT-3",
        "media": {name: sha256(held) for name, held in files.items()},
        "language": "en",
        "theme": "light",
        "size": [16, 9],
        "frames": 10,
        "frames_per_second": 5,
        "beats": [] if one.is_figure else [{"name": "x", "start": 0.0, "end": 2.0}],
        "transcript": {"paragraph": "p", "steps": [{"text": "s", "start": 0.0, "end": 1.0}]},
        "recording": {
            "model": {
                "name": "tiny",
                "label": "tiny, 4-bit weights",
                "layers": 2,
                "context_window": 64,
                "parameters": 1000,
            },
            "generation": {"prompt": text},
        },
        "values": [{"path": "a", "value": 96, "form": "integer", "fact": "gpt3.layers"}],
        "facts": {"gpt3.layers": "Brown et al. 2020"},
        "made_of": {
            "picture": "0" * 64,
            "picture_words": {},
            "provenance": "0" * 64,
            "provenance_words": {},
        },
    }
    return {**files, f"{one.stem}.json": json.dumps({**said, **changes}).encode()}


def fill(
    folder: Where, text: str = "one", *, page: bool = False, force: bool = False, **changes: Any
) -> Where:
    """Finish a run of three pictures in the folder, and its page."""
    addresses.prepare(folder)
    for number in NUMBERS:
        outputs.put(entry(number), picture(number, text, **changes), folder, force=force)
    complete({folder: [entry(number) for number in NUMBERS]}, [folder] if page else (), force=force)
    return folder


def listed(folder: Path) -> dict[str, Any]:
    """The folder's manifest."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def list_anew(folder: Path, manifest: dict[str, Any]) -> None:
    """Replace the folder's manifest as a run would."""
    (folder / "manifest.json").write_bytes(Manifest.model_validate(manifest).to_bytes())


def as_0_1(folder: Path) -> Path:
    """Make the folder one that version 0.1 wrote: its manifest lists pictures only, and has no seal."""
    manifest = listed(folder)
    old = {"schema_version": 1, "loops": manifest["loops"], "figures": manifest["figures"]}
    (folder / "manifest.json").write_text(json.dumps(old, ensure_ascii=False, indent=1) + "\n")
    return folder


def held(folder: Path) -> dict[str, bytes]:
    """Every file below the folder and what it holds."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


def sha256(held: bytes) -> str:
    return hashlib.sha256(held).hexdigest()
