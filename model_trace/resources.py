"""Check that memory and disk suffice before they are used. Needs no torch."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from model_trace.errors import TraceError

GIGABYTE = 10**9
_CGROUP = Path("/sys/fs/cgroup")


def check_memory(needed: int, what: str, cure: str) -> None:
    """Raise an error if ``needed`` bytes of memory are not free for ``what``.

    Raises:
        TraceError: with both numbers and ``cure``, which says how it fits.
    """
    free = free_memory()
    if free is not None and needed > free:
        raise TraceError(
            f"{what} needs about {readable(needed)} of memory and {readable(free)} are free; {cure}"
        )


def check_disk(needed: int, folders: Iterable[Path], what: str, cure: str) -> None:
    """Raise an error if a disk has no room for ``needed`` bytes of ``what`` in each of the folders.

    Folders on the same disk are counted together. They need not be there yet.

    Raises:
        TraceError: with both numbers and ``cure``, which says how it fits.
    """
    needs: dict[int, int] = {}
    for folder in folders:
        there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
        disk = there.stat().st_dev
        needs[disk] = needs.get(disk, 0) + needed
        free = shutil.disk_usage(there).free
        if needs[disk] > free:
            raise TraceError(
                f"{what} needs about {readable(needs[disk])} of disk and {readable(free)} are free at "
                f"{there}; {cure}"
            )


def free_memory() -> int | None:
    """The bytes that this process can still take without swapping; None where that is unknown.

    The least of what the machine has, what its container is given, and what ``ulimit`` leaves.
    """
    known = (_machine(), _container(), _limit())
    return max(0, min(left)) if (left := [each for each in known if each is not None]) else None


def readable(count: int) -> str:
    """The number of bytes for a reader: "12 MB", "1.5 GB", "15 GB"."""
    size = count / GIGABYTE
    if size < 1:
        return f"{count / 10**6:.0f} MB"
    return f"{size:.0f} GB" if size >= 10 else f"{size:.1f} GB"


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an error of the disk that safetensors raises while it writes ``path`` into an OSError."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        # It has the system's number in its text alone.
        found = re.search(r"os error (\d+)", str(error))
        number = int(found[1]) if found else errno.EIO
        raise OSError(number, os.strerror(number), str(path)) from error


def out_of_memory(error: BaseException | None) -> bool:
    """Whether the error means that memory ran out, raised by Python, the system or torch."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    # torch's for a CPU is a plain RuntimeError.
    message = str(error) if isinstance(error, RuntimeError) else ""
    return isinstance(error, MemoryError) or "allocate memory" in message or "out of memory" in message


def _machine() -> int | None:
    """What is available; all that there is, where a system knows no more."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _container() -> int | None:
    """What the control group (version 2, else 1) and those above it leave; None where none is set."""
    lefts = []
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, group = line.split(":", 2)
            if controllers not in ("", "memory"):
                continue
            top = _CGROUP / controllers
            names = ("memory.max", "memory.current") if not controllers else (
                "memory.limit_in_bytes", "memory.usage_in_bytes"
            )  # fmt: skip
            folder = top / group.lstrip("/")
            # In a container the group's own path may not be there: what is mounted is the group.
            for place in (folder, *folder.parents):
                if place == top.parent:
                    break
                with contextlib.suppress(OSError, ValueError):
                    most, used = (int((place / name).read_text()) for name in names)
                    lefts.append(most - used + _reclaimable(place))
    return min(lefts, default=None)


def _reclaimable(group: Path) -> int:
    """The file cache that a control group counts as used and gives up when memory is short."""
    for line in (group / "memory.stat").read_text().splitlines():
        name, _, size = line.partition(" ")
        if name in ("inactive_file", "total_inactive_file"):
            return int(size)
    return 0


def _limit() -> int | None:
    """What ``ulimit -v`` leaves of the address space."""
    if sys.platform == "win32":
        return None
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY:
        return None
    with contextlib.suppress(OSError, ValueError, IndexError):
        return most - int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return most
