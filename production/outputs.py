"""The files of a run: written beside their places, moved there whole, and listed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from production import provenance
from production.descriptions import webvtt
from production.jobs import Drawn, Job, content_of
from scenes.transcripts import transcript
from wording import Wording

_PARTIAL = ".partial-"


class OutputError(ValueError):
    """The output folder cannot be used; the message is one line that says why."""


def prepare(folder: Path) -> None:
    """Make the output folder and clear away what interrupted runs left in it.

    Raises:
        OutputError: it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with partial(folder):
            pass
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}") from error
    for left in folder.glob(f"{_PARTIAL}*"):
        if not _runs(left.name.removeprefix(_PARTIAL).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def partial(folder: Path) -> Iterator[Path]:
    """A folder inside ``folder`` for unfinished files, on the same disk, gone in the end."""
    place = folder / f"{_PARTIAL}{os.getpid()}-{time.monotonic_ns()}"
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _runs(process: str) -> bool:
    """Whether the process that named a partial folder is still there."""
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def is_current(job: Job, folder: Path) -> bool:
    """Whether all the job's files lie in ``folder``, whole, and as they would be made now."""
    drawn = kept(job, folder)
    if drawn is None or not set(job.formats) <= set(drawn.files):
        return False
    written = _read(job, folder)
    made_of, words = written["made_of"], Wording(job.language)
    return (
        made_of["provenance"] == provenance.digest(job)
        and words.says(made_of["provenance_words"])
        and all(_whole(folder / name, digest) for name, digest in written["media"].items())
    )


def kept(job: Job, folder: Path) -> Drawn | None:
    """The job's picture as it lies in ``folder``; None if it is not this very one, or not whole."""
    try:
        written = _read(job, folder)
        made_of, media = written["made_of"], written["media"]
        if made_of["picture"] != job.digest or not Wording(job.language).says(made_of["picture_words"]):
            return None
        stem = job.entry.stem
        drawn = {name.removeprefix(f"{stem}."): digest for name, digest in media.items()}
        drawn.pop("vtt", None)  # told, not drawn
        if not all(_whole(folder / f"{stem}.{ending}", digest) for ending, digest in drawn.items()):
            return None
        return Drawn(
            files={ending: (folder / f"{stem}.{ending}").read_bytes() for ending in drawn},
            frames=written["frames"],
            size=tuple(written["size"]),
            beats=tuple(written["beats"]),
            words=made_of["picture_words"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def publish(job: Job, drawn: Drawn, folder: Path) -> None:
    """Put the picture's files, a loop's transcript as WebVTT, and the provenance into ``folder``.

    The provenance goes last: it holds the digests of the others, so its presence says they are whole.
    """
    stem = job.entry.stem
    files = {f"{stem}.{ending}": held for ending, held in drawn.files.items()}
    wording = Wording(job.language)
    told = transcript(job.entry, content_of(job), wording, drawn.beats)
    if told.steps:
        files[f"{stem}.vtt"] = webvtt(told, job.language).encode()
    digests = {name: hashlib.sha256(held).hexdigest() for name, held in files.items()}
    written = provenance.provenance(job, drawn, told, digests, wording)
    sidecar = f"{stem}.json"
    with partial(folder) as place, _alone(folder):
        # what is there already keeps its time of change, by which servers and editors go
        new = {name: held for name, held in files.items() if not _holds(folder / name, held)}
        for name, held in {**new, sidecar: _json(written).encode()}.items():
            (place / name).write_bytes(held)
        (folder / sidecar).unlink(missing_ok=True)
        for name in (*new, sidecar):
            (place / name).replace(folder / name)


def _holds(file: Path, held: bytes) -> bool:
    try:
        return file.read_bytes() == held
    except OSError:
        return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two runs may write to one folder: while one moves a loop's files there, the other waits."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read(job: Job, folder: Path) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((folder / f"{job.entry.stem}.json").read_text(encoding="utf-8"))
    return written


def write_manifest(jobs: list[Job], folder: Path) -> Path:
    """List the run's files in ``manifest.json``: what a page needs to show them."""
    loops, figures = [], []
    for job in jobs:
        written = _read(job, folder)
        if job.entry.is_figure:
            figures.append(
                {
                    "figure": job.entry.number,
                    "idea": job.entry.idea,
                    "image": f"{job.entry.stem}.png",
                    "vectors": f"{job.entry.stem}.svg",
                    "provenance": f"{job.entry.stem}.json",
                    **{key: written[key] for key in ("size", "language", "theme", "media")},
                }
            )
            continue
        loops.append(
            {
                "loop": job.entry.number,
                "idea": job.entry.idea,
                "video": f"{job.entry.stem}.webm",
                "still": f"{job.entry.stem}.png",
                "descriptions": f"{job.entry.stem}.vtt",
                "provenance": f"{job.entry.stem}.json",
                "seconds": round(written["frames"] / written["frames_per_second"], 3),
                **{key: written[key] for key in ("size", "language", "theme", "media", "beats")},
            }
        )
    with partial(folder) as place:
        file = place / "manifest.json"
        file.write_text(_json({"schema_version": 1, "loops": loops, "figures": figures}), encoding="utf-8")
        return file.replace(folder / "manifest.json")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _whole(file: Path, digest: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest
