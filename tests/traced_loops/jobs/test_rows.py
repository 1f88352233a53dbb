"""A table of prompts is read in three formats and refused, row and column named, before anything is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_trace.user_files import UserFileError
from tests.command import run
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.rows import Row, read_rows
from traced_loops.jobs.sharing import Sharing


def rows(path: Path, text: str, drawing: DrawingOptions | None = None) -> list[Row]:
    path.write_text(text, encoding="utf-8")
    return read_rows(path, RecordingOptions(), drawing or DrawingOptions())


def test_three_formats_say_the_same(tmp_path: Path) -> None:
    csv = rows(
        tmp_path / "a.csv",
        '\ufeffPrompt;Max new tokens;loops;theme\n"To be; or\nnot";;1 f01;dark\nOne ;3;;\n',
    )
    lines = rows(
        tmp_path / "a.jsonl",
        '{"prompt": "To be; or\\nnot", "loops": [1, "f01"], "theme": "dark"}\n\n'
        '{"prompt": "One ", "max-new-tokens": 3, "loops": null}\n',
    )
    toml = rows(
        tmp_path / "a.toml",
        '[[row]]\nprompt = "To be; or\\nnot"\nloops = "01,F01"\ntheme = "dark"\n'
        '[[row]]\nprompt = "One "\nmax_new_tokens = 3\n',
    )
    assert csv == lines == toml
    first, second = csv
    assert (first.recording.prompt, first.loops, first.drawing.theme) == (
        "To be; or\nnot",
        ("01", "f01"),
        ("dark",),
    )
    assert (second.recording.prompt, second.recording.max_new_tokens, len(second.loops)) == ("One ", 3, 12)


def test_the_command_line_speaks_for_rows_that_do_not(tmp_path: Path) -> None:
    first, second = rows(
        tmp_path / "a.csv", "prompt,quality\na,l\nb,\n", DrawingOptions(quality="m", theme=("dark",))
    )
    assert (first.drawing.quality, first.drawing.theme) == ("l", ("dark",))
    assert (second.drawing.quality, second.drawing.theme) == ("m", ("dark",))


def test_a_slug_is_its_rows_and_nobody_elses(tmp_path: Path) -> None:
    header = "prompt,language\n"
    old = rows(tmp_path / "a.csv", header + "Grüße aus Köln,en\n東京,en\n")
    new = rows(
        tmp_path / "a.csv", header + "東京,en\nÜber uns,\nGrüße aus Köln,en\nGrüße aus Köln,\n東京,en\n"
    )
    slugs = [row.slug for row in new]
    assert len(set(slugs)) == len(new)
    assert [slugs[2], slugs[0]] == [row.slug for row in old]
    assert slugs[2].startswith("grusse-aus-koln-")
    assert all(slug.isascii() and len(slug) < 80 for slug in slugs)


def test_rows_with_the_same_text_share_its_run(tmp_path: Path) -> None:
    some = rows(tmp_path / "a.csv", "prompt,theme,loops\na,,1 10\nb,,1 10\na,dark,4 2\n")
    sharing = Sharing(some)
    assert [row.number for row in sharing.rows] == [1, 3, 2]
    asked = sharing.asks(next(iter(sharing._asked)))
    assert [ask.entry.number for ask in asked] == ["01", "02", "04"]
    assert len(sharing._asked) == 3  # two texts and one fine-tuning


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "promt\nhello\n", ["a.csv:2: row 1, promt: there is no such column; is it prompt?"]),
        (
            "a.csv",
            "prompt,theme\na,neon\nb,\nc,mauve\n",
            ["row 1, theme 'neon': input should be 'light'", "row 3, theme 'mauve'"],
        ),
        ("a.csv", "prompt,seed\na,many\n", ["row 1, seed 'many': "]),
        ("a.csv", "prompt,temperature\na,-1\n", ["row 1, temperature: -1 is not a temperature"]),
        ("a.csv", "prompt,max_new_tokens\na,0\n", ["row 1, max_new_tokens: 0 new tokens"]),
        ("a.csv", "prompt,top_p\na,1.5\n", ["row 1, top_p: "]),
        ("a.csv", "prompt,loops\na,1 13\n", ["row 1, loops 13"]),
        ("a.csv", "prompt,language\na,tlh\n", ["row 1, language tlh"]),
        ("a.csv", 'prompt,seed\n" ",\n', ["row 1, prompt: "]),
        ("a.csv", "seed\n1\n", ["row 1, prompt: is missing: give one for loop 01"]),
        ("a.csv", "prompt,texts\na,mine.toml\n", ["row 1, texts: "]),
        ("a.csv", "prompt,pairs\na,none.tsv\n", ["row 1, pairs: ", "none.tsv"]),
        ("a.csv", "prompt,model\na,./nowhere\n", ["row 1, model: ", "./nowhere"]),
        ("a.csv", "prompt,output\na,elsewhere\n", ["row 1, output: there is no such column"]),
        ("a.csv", "prompt,slug\na,../b\n", ["row 1, slug '../b'"]),
        ("a.csv", "prompt,slug\na,x\nb,x\n", ["x is the slug of two rows"]),
        ("a.csv", "prompt,prompt\na,b\n", ["two columns are named prompt"]),
        ("a.csv", "prompt\na,b\n", ["a.csv:2: 2 cells in a table of 1 columns"]),
        ("a.csv", 'prompt\n"a\n', ["a.csv:2: "]),
        ("a.csv", "prompt\n", ["has no rows"]),
        ("a.jsonl", '{"prompt": "a"}\n{"prompt": \n', ["a.jsonl:2: not JSON"]),
        ("a.jsonl", '["a"]\n', ["a.jsonl:1: not a row"]),
        ("a.jsonl", '{"prompt": 1}\n', ["row 1, prompt 1: input should be a valid string"]),
        ("a.toml", 'prompt = "a"\n', ["not prompt"]),
        ("a.toml", "[[row]\n", ["not TOML"]),
        ("a.xlsx", "PK", ["a.xlsx is not a table: name a .csv, .tsv, .jsonl or .toml file"]),
    ],
)
def test_each_mistake_is_named_with_its_row_and_column(
    name: str, text: str, says: list[str], tmp_path: Path
) -> None:
    with pytest.raises(UserFileError) as refusal:
        rows(tmp_path / name, text)
    for words in says:
        assert words in str(refusal.value)


def test_all_mistakes_are_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("prompt,seed,theme\na,x,neon\nb,,dusk\n")
    done = run("batch", tmp_path / "a.csv", "--output", tmp_path / "out")
    assert done.returncode == 2
    for words in ("row 1, seed 'x'", "row 1, theme 'neon'", "row 2, theme 'dusk'"):
        assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
