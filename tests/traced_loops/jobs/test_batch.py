"""A batch as a user meets it: folders, the list over all, the overview; what is done is left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.command import DRAFT, run


def listed(output: Path) -> dict[str, Any]:
    return {row["slug"]: row for row in json.loads((output / "manifest.json").read_text())["rows"]}


def written(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}


def test_a_failed_row_stops_no_other_and_a_new_row_is_made_alone(tmp_path: Path) -> None:
    table, output = tmp_path / "a.csv", tmp_path / "out"
    header = "prompt,slug,loops,max_new_tokens\n"
    command = ("batch", table, "--output", output, "--cache", tmp_path / "cache", "--jobs", "1", *DRAFT)
    table.write_text(header + "One two,taken,f01,2\nOne two,good,f01,2\n")
    output.mkdir()
    (output / "taken").write_text("a file where a folder is to be")

    done = run(*command)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "row 1 (taken)" in done.stderr and "--retry-failed" in done.stderr
    assert "Traceback" not in done.stderr
    rows = listed(output)
    assert (rows["taken"]["status"], rows["good"]["status"]) == ("failed", "done")
    assert rows["taken"]["error"] in done.stderr
    good = written(output / "good")
    assert any(name.endswith(".png") for name in good)
    assert (output / "index.html").is_file()

    (output / "taken").unlink()
    again = run(*command, "--retry-failed")
    assert again.returncode == 0, again.stderr
    assert {row["status"] for row in listed(output).values()} == {"done"}
    assert written(output / "good") == good
    taken = written(output / "taken")

    table.write_text(header + "Three,new,f01,2\nOne two,taken,f01,2\nOne two,good,f01,2\n")
    more = run(*command)
    assert more.returncode == 0, more.stderr
    assert list(listed(output)) == ["new", "taken", "good"]
    assert (written(output / "good"), written(output / "taken")) == (good, taken)
    page = (output / "index.html").read_text()
    for slug, row in listed(output).items():
        assert row["pages"] and all(f'href="{path}"' in page for path in row["pages"]), slug
        assert (output / row["pages"][0]).is_file()
