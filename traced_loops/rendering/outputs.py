"""The files of a run: written beside their places, moved there whole, and listed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from scenes.entry import Entry
from scenes.transcripts import transcript
from scenes.wording import Wording
from traced_loops.rendering import provenance
from traced_loops.rendering.descriptions import webvtt
from traced_loops.rendering.jobs import FORMATS, Drawn, Job, content_of
from traced_loops.storage import places
from traced_loops.storage.places import Place

_MANIFEST = "manifest.json"


def is_current(job: Job, folder: Place) -> bool:
    """Whether all the job's files lie in ``folder``, whole, and as they would be made now."""
    found = _found(job, folder)
    if found is None:
        return False
    drawn, written = found
    made_of, words = written["made_of"], Wording(job.language)
    return (
        set(job.formats) <= set(drawn.files)
        and made_of["provenance"] == provenance.digest(job)
        and words.says(made_of["provenance_words"])
        and all(
            _whole(folder / name, digest)
            for name, digest in written["media"].items()
            if _ending(name, job) not in drawn.files
        )
    )


def kept(job: Job, folder: Place) -> Drawn | None:
    """The job's picture as it lies in ``folder``; None if it is not this very one, or not whole."""
    found = _found(job, folder)
    return None if found is None else found[0]


def publish(job: Job, drawn: Drawn, folder: Place) -> None:
    """Put the picture's files, a loop's transcript as WebVTT, and the provenance into ``folder``."""
    put(job.entry, files_of(job, drawn), folder)


def put(entry: Entry, files: Mapping[str, bytes], folder: Place) -> None:
    """Put the files of a picture, by name, into ``folder``.

    The provenance goes last: it holds the digests of the others, so its presence says they are whole. So
    does the manifest's, for a whole run: it goes when something changes, and comes back in the end. What
    was made of an earlier picture goes too.
    """
    made_of_it = (f"{entry.stem}.{ending}" for ending in FORMATS)
    with places.alone(folder):
        places.put(folder, files, last=f"{entry.stem}.json", stale=(_MANIFEST, *made_of_it))


def files_of(job: Job, drawn: Drawn) -> dict[str, bytes]:
    """The picture's files, a loop's transcript as WebVTT, and the provenance, by name."""
    stem = job.entry.stem
    files = {f"{stem}.{ending}": held for ending, held in drawn.files.items()}
    wording = Wording(job.language)
    told = transcript(job.entry, content_of(job), wording, drawn.beats)
    if told.steps:
        files[f"{stem}.vtt"] = webvtt(told, job.language).encode()
    digests = {name: _sha256(held) for name, held in files.items()}
    written = provenance.provenance(job, drawn, told, digests, wording)
    return {**files, f"{stem}.json": _json(written).encode()}


def _found(job: Job, folder: Place) -> tuple[Drawn, dict[str, Any]] | None:
    """The job's picture and its provenance, each read once: another run may be writing there."""
    try:
        written = _read(job.entry, folder)
        made_of, media = written["made_of"], written["media"]
        if made_of["picture"] != job.digest or not Wording(job.language).says(made_of["picture_words"]):
            return None
        # its transcript is told, not drawn
        files = {name: (folder / name).read_bytes() for name in media if _ending(name, job) != "vtt"}
        if any(_sha256(held) != media[name] for name, held in files.items()):
            return None
        drawn = Drawn(
            files={_ending(name, job): held for name, held in files.items()},
            frames=written["frames"],
            size=tuple(written["size"]),
            beats=tuple(written["beats"]),
            words=made_of["picture_words"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return drawn, written


def _read(entry: Entry, folder: Place) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((folder / f"{entry.stem}.json").read_text(encoding="utf-8"))
    return written


def write_manifest(entries: Sequence[Entry], folder: Place) -> Place:
    """List the run's files in ``manifest.json``, and return it: what a page needs to show them.

    Whoever calls it is ``alone`` in the folder, where other runs may write.
    """
    loops, figures = [], []
    for entry in entries:
        written = _read(entry, folder)
        if entry.is_figure:
            figures.append(
                {
                    "figure": entry.number,
                    "image": f"{entry.stem}.png",
                    "vectors": f"{entry.stem}.svg",
                    "provenance": f"{entry.stem}.json",
                    **{key: written[key] for key in ("idea", "size", "language", "theme", "media")},
                }
            )
            continue
        loops.append(
            {
                "loop": entry.number,
                "video": f"{entry.stem}.webm",
                "still": f"{entry.stem}.png",
                "descriptions": f"{entry.stem}.vtt",
                "provenance": f"{entry.stem}.json",
                "seconds": round(written["frames"] / written["frames_per_second"], 3),
                **{key: written[key] for key in ("idea", "size", "language", "theme", "media", "beats")},
            }
        )
    listed = _json({"schema_version": 1, "loops": loops, "figures": figures})
    places.put(folder, {_MANIFEST: listed.encode()})
    return folder / _MANIFEST


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _whole(file: Place, digest: str) -> bool:
    try:
        return _sha256(file.read_bytes()) == digest
    except OSError:
        return False


def _sha256(held: bytes) -> str:
    return hashlib.sha256(held).hexdigest()


def _ending(name: str, job: Job) -> str:
    return name.removeprefix(f"{job.entry.stem}.")
