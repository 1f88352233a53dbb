"""The files of a run: written beside their places, moved there whole, and listed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import imageio.v3 as iio

from production.descriptions import webvtt
from production.jobs import Drawn, Job, content_of
from scenes import fonts
from scenes.shown import Fact, Recorded, shown_values
from scenes.transcripts import Transcript, transcript
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
    """Whether all the job's files lie in ``folder``, whole and made by this very job."""
    return is_drawn(job, folder) and not lacking(job, folder)


def is_drawn(job: Job, folder: Path) -> bool:
    """The same without the further formats asked for; a format that is there has to be whole all the same."""
    try:
        written = _read(job, folder)
        media: Mapping[str, str] = written["media"]
        whole = all(_sha256(folder / name) == digest for name, digest in media.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return whole and written.get("job") == job.digest


def lacking(job: Job, folder: Path) -> list[str]:
    """The further formats that a drawn loop still has to be converted to."""
    if job.entry.is_figure:
        return []
    media = _read(job, folder)["media"]
    return [ending for ending in job.also if f"{job.entry.stem}.{ending}" not in media]


def add(job: Job, made: Path, folder: Path) -> None:
    """Move another format of a finished loop into ``folder``, and name it in the provenance."""
    written = _read(job, folder)
    written["media"][made.name] = _sha256(made)
    sidecar = made.with_suffix(".json")
    sidecar.write_text(_json(written), encoding="utf-8")
    made.replace(folder / made.name)
    sidecar.replace(folder / sidecar.name)


def _read(job: Job, folder: Path) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((folder / f"{job.entry.stem}.json").read_text(encoding="utf-8"))
    return written


def publish(job: Job, drawn: Drawn, made: Path, folder: Path) -> None:
    """Move the loop (or a figure's SVG) at ``made`` into ``folder`` with its still and its provenance.

    A loop's transcript goes beside it as WebVTT. The provenance goes last: it holds the digests of the
    others, so its presence says they are whole.
    """
    stem = job.entry.stem
    still, sidecar = made.with_name(f"{stem}.png"), made.with_name(f"{stem}.json")
    opaque = drawn.still[..., 3].min() == 255
    iio.imwrite(still, drawn.still[..., :3] if opaque else drawn.still)
    files = [made, still]
    told = transcript(job.entry, content_of(job), Wording(job.language), drawn.beats)
    if told.steps:
        files.append(made.with_name(f"{stem}.vtt"))
        files[-1].write_text(webvtt(told, job.language), encoding="utf-8")
    media = {file.name: _sha256(file) for file in files}
    sidecar.write_text(_json(provenance(job, drawn, told, media)), encoding="utf-8")
    (folder / f"{stem}.json").unlink(missing_ok=True)
    for file in (*files, sidecar):
        file.replace(folder / file.name)


def provenance(job: Job, drawn: Drawn, told: Transcript, media: Mapping[str, str]) -> dict[str, Any]:
    """Where each value of the loop comes from, what the loop says, and what it was made with."""
    wording = Wording(job.language)
    content = content_of(job)
    values, facts = [], {}
    for path, shown in shown_values(content):
        entry: dict[str, Any] = {"path": path, "value": shown.value}
        printed = wording.printed(shown.value, shown.form)
        if printed is not None:
            entry["printed"] = printed
        match shown.origin:
            case Recorded() as origin:
                entry["from"] = asdict(origin)
            case Fact() as fact:
                entry["fact"] = fact.name
                facts[fact.name] = fact.source
        values.append(entry)
    return {
        "loop": job.entry.number,
        "idea": job.entry.idea,
        "subject": content.subject,
        "job": job.digest,
        "media": dict(media),
        "language": job.language,
        "theme": job.theme,
        "frames": drawn.frames,
        "frames_per_second": job.quality.fps,
        "size": [drawn.still.shape[1], drawn.still.shape[0]],
        "beats": [dict(beat) for beat in drawn.beats],
        "transcript": asdict(told),
        "recording": dict(job.origin),
        "values": values,
        "facts": facts,
        "fonts": fonts.digests(),
        "licence": "MIT",
    }


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


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
