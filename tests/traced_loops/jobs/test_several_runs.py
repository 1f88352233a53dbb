"""Several runs into one folder: its page shows what goes together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.folders import listed, picture
from tests.loops import entry
from traced_loops.jobs.layout import complete
from traced_loops.rendering import outputs


def run(folder: Path, *numbers: str, page: bool = False, **changes: Any) -> list[str]:
    """Make these pictures in the folder; returns the numbers that its manifest lists then."""
    for number in numbers:
        outputs.put(entry(number), picture(number, **changes), folder)
    complete({folder: [entry(number) for number in numbers]}, [folder] if page else ())
    manifest = listed(folder)
    return [loop["loop"] for loop in manifest["loops"]] + [each["figure"] for each in manifest["figures"]]


def test_loops_and_figures_that_are_drawn_one_after_the_other_stand_together(tmp_path: Path) -> None:
    assert run(tmp_path, "07") == ["07"]
    assert run(tmp_path, "f01") == ["07", "f01"]
    assert run(tmp_path, "04", text="another text") == ["04", "07", "f01"]
    assert run(tmp_path, "04", "07", page=True) == ["04", "07"], "a page made by all shows its run"


@pytest.mark.parametrize("changes", [{"subject": "tiny"}, {"language": "de"}, {"theme": "dark"}])
def test_what_does_not_go_together_is_not_listed(changes: dict[str, str], tmp_path: Path) -> None:
    run(tmp_path, "07")
    assert run(tmp_path, "04", **changes) == ["04"]
    assert (tmp_path / f"{entry('07').stem}.webm").is_file()


def test_a_loop_whose_file_was_changed_or_lost_is_not_listed(tmp_path: Path) -> None:
    run(tmp_path, "06", "07", "08")
    (tmp_path / f"{entry('06').stem}.webm").write_bytes(b"another")
    (tmp_path / f"{entry('07').stem}.png").unlink()
    assert run(tmp_path, "04") == ["04", "08"]
