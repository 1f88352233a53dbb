"""The files of a run: written beside their places, moved there whole, and listed."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scenes.catalogue import CATALOGUE
from scenes.entry import Entry
from scenes.transcript import transcript
from scenes.wording import Wording
from traced_loops.rendering import provenance
from traced_loops.rendering.descriptions import webvtt
from traced_loops.rendering.jobs import FORMATS, Drawn, Job, content_of
from traced_loops.storage import addresses, inside
from traced_loops.storage.addresses import Address, OutputError
from traced_loops.storage.manifest_schema import MANIFEST, Figure, Loop, Manifest
from traced_loops.storage.ownership import Ledger, read_listing, read_provenance
from traced_loops.storage.provenance_schema import Provenance

_LARGEST = 2**33  # bytes of a picture's file


def check(entries: Iterable[Entry], folder: Address, also: Iterable[str], *, force: bool = False) -> None:
    """See that the files of these pictures may be written into ``folder``, before they are made.

    Raises:
        OutputError: one is there that is not ours, and not to be replaced by ``force``.
    """
    names = []
    for entry in entries:
        endings = ("png", "svg") if entry.is_figure else ("webm", "png", "poster.webp", "vtt", *also)
        names += [f"{entry.stem}.{ending}" for ending in (*endings, "json")]
    check_names(names, folder, force=force)


def check_names(names: Iterable[str], folder: Address, *, force: bool = False) -> None:
    """See that files of these names may be written into ``folder``, before they are made.

    Raises:
        OutputError: one is there that is not ours, and not to be replaced by ``force``.
    """
    Ledger(folder, Manifest, force=force).check(names)


def is_current(job: Job, folder: Address) -> bool:
    """Whether all the job's files lie in ``folder``, whole, and as they would be made now."""
    found = _found(job, folder)
    if found is None:
        return False
    drawn, written = found
    return (
        set(job.formats) <= set(drawn.files)
        and written.made_of.provenance == provenance.digest(job)
        and _says(job, written.made_of.provenance_words)
        and all(
            addresses.digest(folder, name) == digest
            for name, digest in written.media.items()
            if _ending(name, job) not in drawn.files
        )
    )


def kept(job: Job, folder: Address) -> Drawn | None:
    """The job's picture as it lies in ``folder``; None if it is not this very one, or not whole."""
    found = _found(job, folder)
    return None if found is None else found[0]


def publish(job: Job, drawn: Drawn, folder: Address, *, force: bool = False) -> None:
    """Put the picture's files, a loop's transcript as WebVTT, and the provenance into ``folder``.

    Raises:
        OutputError: one is there that is not ours, and not to be replaced by ``force``.
    """
    put(job.entry, files_of(job, drawn), folder, force=force)


def put(entry: Entry, files: Mapping[str, bytes], folder: Address, *, force: bool = False) -> None:
    """Put the files of a picture, by name, into ``folder``.

    The provenance goes last: it holds the digests of the others, so its presence says they are whole. The
    manifest lists no pictures as soon as something changes, until the whole run is done; what is ours it
    lists at every moment. What was made of an earlier picture goes too.

    Raises:
        OutputError: one is there that is not ours, and not to be replaced by ``force``.
    """
    made_of_it = [f"{entry.stem}.{ending}" for ending in FORMATS]
    with addresses.alone(folder):
        Ledger(folder, Manifest, force=force).put(files, provenance=f"{entry.stem}.json", stale=made_of_it)


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


def _found(job: Job, folder: Address) -> tuple[Drawn, Provenance] | None:
    """The job's picture and its provenance, each read once: another run may be writing there."""
    with contextlib.suppress(OSError, OutputError):
        written = read_provenance(folder, f"{job.entry.stem}.json")
        if written.made_of.picture != job.digest or not _says(job, written.made_of.picture_words):
            return None
        # its transcript is told, not drawn
        media = {name: held for name, held in written.media.items() if _ending(name, job) != "vtt"}
        files = {name: inside.read_inside(folder, name, _LARGEST) for name in media}
        if any(_sha256(held) != media[name] for name, held in files.items()):
            return None
        drawn = Drawn(
            files={_ending(name, job): held for name, held in files.items()},
            frames=written.frames,
            size=(written.size[0], written.size[1]),
            beats=tuple(beat.model_dump() for beat in written.beats),
            words=written.made_of.picture_words,
            boxes={value.path: value.where for value in written.values if value.where},
        )
        return drawn, written
    return None


def _says(job: Job, words: Mapping[str, str]) -> bool:
    try:
        return Wording(job.language).says(words)
    except ValueError:  # of a plural that is none
        return False


def write_manifest(
    entries: Sequence[Entry], folder: Address, *, earlier: bool = False, force: bool = False
) -> Address:
    """List the run's pictures in ``manifest.json``, and every file of ours there; returns it.

    With ``earlier`` also those of runs before that go with them: of the same model, told of the same
    subject, and alike in language, theme and shape. Whoever calls it is ``alone`` in the folder, where
    other runs may write.

    Raises:
        OutputError: the manifest there is not ours and not to be replaced by ``force``, or a picture's
            provenance is not what it should be.
    """
    loops: list[Loop] = []
    figures: list[Figure] = []
    files: dict[str, str] = {}
    if earlier:
        entries = _with_earlier(entries, folder)
    for entry in entries:
        name = f"{entry.stem}.json"
        written = read_provenance(folder, name)
        files |= {**written.media, name: addresses.digest(folder, name) or ""}
        common: dict[str, Any] = {
            "idea": written.idea,
            "provenance": name,
            "size": written.size,
            "language": written.language,
            "theme": written.theme,
            "shape": written.shape,
            "media": written.media,
        }
        if entry.is_figure:
            image, vectors = f"{entry.stem}.png", f"{entry.stem}.svg"
            figures.append(Figure(figure=entry.number, image=image, vectors=vectors, **common))
        else:
            loops.append(
                Loop(
                    loop=entry.number,
                    video=f"{entry.stem}.webm",
                    still=f"{entry.stem}.png",
                    poster=poster if (poster := f"{entry.stem}.poster.webp") in written.media else None,
                    descriptions=f"{entry.stem}.vtt",
                    seconds=round(written.frames / written.frames_per_second, 3),
                    beats=written.beats,
                    **common,
                )
            )
    listing = Manifest(schema_version=2, loops=loops, figures=figures, files=files)
    Ledger(folder, Manifest, force=force).settle(listing)
    return folder / MANIFEST


def _with_earlier(entries: Sequence[Entry], folder: Address) -> list[Entry]:
    """The pictures, and those of ours in the folder that one page can show with them, whole and unchanged."""
    try:
        ours = read_listing(folder, Manifest).files
    except (OSError, OutputError):
        return list(entries)
    kinds = {_kind(read_provenance(folder, f"{entry.stem}.json")) for entry in entries}

    def goes_with(entry: Entry) -> bool:
        name = f"{entry.stem}.json"
        if name not in ours:
            return False
        with contextlib.suppress(OSError, OutputError):
            written = read_provenance(folder, name)
            media = {**written.media, name: ours[name]}
            whole = all(addresses.digest(folder, each) == digest for each, digest in media.items())
            return whole and kinds == {_kind(written)}
        return False

    found = [entry for entry in CATALOGUE if entry not in entries and goes_with(entry)]
    return sorted([*entries, *found], key=lambda entry: (entry.is_figure, entry.number))


def _kind(written: Provenance) -> tuple[object, ...]:
    """What the pictures of a page have in common."""
    return written.subject, written.recording.model, written.language, written.theme, written.shape


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _sha256(held: bytes) -> str:
    return hashlib.sha256(held).hexdigest()


def _ending(name: str, job: Job) -> str:
    return name.removeprefix(f"{job.entry.stem}.")
