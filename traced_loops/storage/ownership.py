"""Which files in an output folder are ours: those that its manifest lists with their digests.

Nothing else there is ever replaced or deleted, whatever it is called, unless the user says ``--force``.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Generic

from model_trace import atomic
from model_trace.atomic import Source
from traced_loops.storage import addresses, inside
from traced_loops.storage.addresses import Address, OutputError, RemotePath
from traced_loops.storage.manifest_schema import LARGEST, MANIFEST, Listed, parse
from traced_loops.storage.provenance_schema import Provenance

# What version 0.1 wrote beside the pictures without listing it.
_PAGE_0_1 = ("index.html", "loops.css", "loops.js")
_HOSTS_0_1 = re.compile(
    r"hugo/((static|data)/traced[-_]loops/.+|layouts/shortcodes/traced-loop\.html)"
    r"|mkdocs/(traced_loops\.py|docs/traced-loops/.+)|notebook/traced_loops/.+|markdown/loops\.md"
)


def read_listing(folder: Address, kind: type[Listed]) -> Listed:
    """The folder's ``manifest.json``.

    Raises:
        OutputError: it is not what it should be; the line names the key.
        OSError: it is not there, or cannot be read.
    """
    return parse(kind, inside.read_inside(folder, MANIFEST, LARGEST), folder / MANIFEST)


def read_provenance(folder: Address, name: str) -> Provenance:
    """A picture's provenance file.

    Raises:
        OutputError: it is not what it should be; the line names the key.
        OSError: it is not there, or cannot be read.
    """
    provenance = parse(Provenance, inside.read_inside(folder, name, LARGEST), folder / name)
    stem = name.removesuffix(".json")
    for other in provenance.media:
        if not other.startswith(f"{stem}."):
            raise OutputError(
                f"{folder / name} is not a provenance file (media.{other} does not belong to {stem}): "
                "draw the loop again"
            )
    return provenance


class Ledger(Generic[Listed]):
    """A folder's files of ours, by its list of this ``kind``; with ``force`` all others may be replaced too.

    Whoever writes through it is ``places.alone`` in the folder, and makes it then.
    """

    def __init__(self, folder: Address, kind: type[Listed], *, force: bool = False) -> None:
        self._folder, self._kind, self._force = folder, kind, force

    def check(self, names: Iterable[str]) -> None:
        """See that the files of these names, and the list, may be written: they are ours, or not there.

        At an address only names are compared; ``put`` compares what the files hold.

        Raises:
            OutputError: one is not ours.
        """
        names = list(names)
        if isinstance(self._folder, RemotePath):
            there = self._folder.files()
            known = self._known(names) if there else []
            for name in names:
                if name in there and not self._force and not any(name in files for files in known):
                    raise self._not_ours(name)
        elif self._folder.is_dir():
            known = self._known(names)
            for name in names:
                self._check(name, known)

    def put(
        self, files: Mapping[str, Source], *, provenance: str | None = None, stale: Iterable[str] = ()
    ) -> None:
        """Put files into the folder as ``places.put`` does, listed before they are there.

        So they are known as ours whenever the run ends. Those of a picture have a ``provenance`` among
        them, which goes last; the list speaks of no pictures then, until the run is done and they are
        settled. Of those named ``stale`` what is not ours stays.

        Raises:
            OutputError: one of them is there already and not ours.
        """
        stale = [name for name in stale if name not in files]
        known = self._known(files)
        coming = {name: addresses.digest_of(source) for name, source in files.items()}
        there = {name: self._check(name, known, coming[name]) for name in files}
        gone = [name for name in stale if self._may_go(name, known)]
        before = _content(self._folder)
        if there != coming or any(coming[name] != self._listing.files.get(name) for name in coming):
            listing = self._resolved()
            if provenance is not None:
                listing = listing.unfinished()
            # at an address several may put pictures at once: there those are known by their provenance
            if provenance is None or isinstance(self._folder, Path):
                ours = {
                    name: digest for name, digest in there.items() if digest and _lists(known, name, digest)
                }
                listing = _with(listing, {**listing.files, **ours}, pending=coming)
            self._write(listing)
        try:
            addresses.put(self._folder, files, last=provenance, stale=gone)
        except OSError:
            # the disk is full, say: where none of them came, the list is what it was
            if isinstance(self._folder, Path) and not any(
                (self._folder / name).exists() for name in coming if there[name] is None
            ):
                _restore(self._folder / MANIFEST, before)
            raise

    def settle(self, listing: Listed | None = None) -> None:
        """Write the list of a finished run: ``listing`` or what there is, and every file of ours."""
        known = self._resolved()
        files = {**known.files, **(listing.files if listing else {})}
        if isinstance(self._folder, Path):
            files = {name: digest for name, digest in files.items() if (self._folder / name).exists()}
        self._write(_with(listing or known, files))

    @cached_property
    def _listing(self) -> Listed:
        """The folder's list; for one of version 0.1 with the files that it did not list."""
        try:
            listing = read_listing(self._folder, self._kind)
        except FileNotFoundError:
            return self._adopted(self._kind.empty())
        except OutputError as error:
            if not self._force:
                raise self._not_ours(MANIFEST) from error
            return self._adopted(self._kind.empty())
        if not listing.is_as_written and not self._force:
            raise self._not_ours(MANIFEST)
        return self._adopted(listing) if listing.schema_version == 1 else listing

    def _adopted(self, listing: Listed) -> Listed:
        """The list with what version 0.1 wrote there: known by its digests in the list or in the provenance
        of a picture, or by its name and a word that is in it."""
        folder = self._folder
        files = dict(listing.media)
        if isinstance(folder, Path):
            files |= self._by_provenance(file.name for file in folder.glob("*.json"))
        if not isinstance(folder, Path) or (listing.schema_version == 2 and not files):
            return _with(listing, files)
        names = [name for name in _PAGE_0_1 if _holds(folder / name, self._kind.word_0_1)]
        for host in ("hugo", "mkdocs", "notebook", "markdown"):
            paths = (file.relative_to(folder).as_posix() for file in (folder / host).rglob("*"))
            names += [
                name
                for name in paths
                if _HOSTS_0_1.fullmatch(name) or addresses.digest(folder, name) in files.values()
            ]
        found = {name: digest for name in names if (digest := addresses.digest(folder, name))}
        return _with(listing, {**found, **files})

    def _known(self, names: Iterable[str]) -> Sequence[Mapping[str, str]]:
        """Digests by which files of ours are known, by name; at an address those of pictures by their
        provenance, for the list is not written there with each of them."""
        known = [self._listing.files, self._listing.pending]
        if isinstance(self._folder, RemotePath):
            known.append(self._by_provenance(name for name in names if name.endswith(".json")))
        return known

    def _by_provenance(self, names: Iterable[str]) -> dict[str, str]:
        """The files of pictures, as the provenance files among ``names`` tell them."""
        found: dict[str, str] = {}
        for name in names:
            with contextlib.suppress(OutputError, OSError):
                found |= read_provenance(self._folder, name).media
                found[name] = addresses.digest(self._folder, name) or ""
        return found

    def _check(self, name: str, known: Iterable[Mapping[str, str]], coming: str | None = None) -> str | None:
        """The digest of what is there and may be replaced; None if nothing is."""
        if isinstance(self._folder, Path):
            for part in Path(name).parents:
                place = self._folder / part
                if part.name and (place.is_symlink() or (place.exists() and not place.is_dir())):
                    raise OutputError(f"{place} is no folder inside {self._folder}: move it away")
        digest = addresses.digest(self._folder, name)
        if digest is None or digest == coming or self._force or _lists(known, name, digest):
            return digest
        raise self._not_ours(name)

    def _may_go(self, name: str, known: Iterable[Mapping[str, str]]) -> bool:
        digest = addresses.digest(self._folder, name)
        return digest is not None and (self._force or _lists(known, name, digest))

    def _resolved(self) -> Listed:
        """The list with what was pending decided: whoever wrote that is done, or was stopped."""
        pending, folder = self._listing.pending, self._folder
        arrived = {
            name: digest for name, digest in pending.items() if addresses.digest(folder, name) == digest
        }
        return _with(self._listing, {**self._listing.files, **arrived})

    def _write(self, listing: Listed) -> None:
        addresses.put(self._folder, {MANIFEST: listing.to_bytes()})
        self.__dict__["_listing"] = listing

    def _not_ours(self, name: str) -> OutputError:
        return OutputError(
            f"{self._folder / name} was not written by this program, or was changed since: "
            "move it away, or replace it with --force"
        )


def _with(listing: Listed, files: Mapping[str, str], pending: Mapping[str, str] | None = None) -> Listed:
    update = {"schema_version": 2, "files": dict(sorted(files.items())), "pending": dict(pending or {})}
    return listing.model_copy(update=update)


def _lists(known: Iterable[Mapping[str, str]], name: str, digest: str) -> bool:
    return any(files.get(name) == digest for files in known)


def _holds(file: Path, word: bytes) -> bool:
    try:
        return addresses.digest(file.parent, file.name) != "" and word in file.read_bytes()
    except OSError:
        return False


def _content(folder: Address) -> bytes | None:
    """What the list of a folder on this machine says, None where there is none."""
    try:
        return (folder / MANIFEST).read_bytes() if isinstance(folder, Path) else None
    except OSError:
        return None


def _restore(manifest: Path, content: bytes | None) -> None:
    """Let the list be what it was, as far as the disk allows."""
    with contextlib.suppress(OSError):
        if content is None:
            manifest.unlink(missing_ok=True)
        else:
            atomic.write_file(manifest, content)
