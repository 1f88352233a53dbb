"""Files as spreadsheets, pandas, Anki and editors write them: each is understood, or its cure is named.

What is right for each file in ``tests/cases/`` stands here; they are kept byte for byte.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from model_trace.learning.pairs import read_pairs
from model_trace.trace import TraceError
from model_trace.user_files import UserFileError, read_user_file
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.rows import Row, read_rows
from traced_loops.jobs.texts import read_texts

CASES = Path(__file__).parents[2] / "cases"
QUOTED = 'Er sagte "Hallo"\nund ging'


def rows(path: Path) -> list[Row]:
    return read_rows(path, RecordingOptions(), DrawingOptions())


def refusal(read: Callable[[Path], object], path: Path) -> str:
    """The lines that refuse the file, none of them long."""
    with pytest.raises((UserFileError, TraceError)) as refused:
        read(path)
    lines = str(refused.value).splitlines()
    assert lines and all(len(line) < 500 for line in lines)
    return "\n".join(lines)


@pytest.mark.parametrize("name", ["pandas_float.csv", "pandas_float.jsonl", "pandas_index.csv"])
def test_whole_floats_are_numbers_and_empty_cells_absent(name: str) -> None:
    first, second = rows(CASES / name)
    assert (first.recording.prompt, first.loops) == ("Hello world", ("04",))
    assert (first.recording.max_new_tokens, first.recording.seed) == (3, 7)
    assert second.recording == RecordingOptions(prompt="Once upon a time")
    assert len(second.loops) == 12


def test_separators() -> None:
    (row,) = rows(CASES / "excel_sep.csv")
    assert (row.recording.prompt, row.loops, row.drawing.quality) == ("Hallo Welt", ("04",), "l")
    # a comma inside a title separates nothing
    assert "prompt,_the_text: there is no such column; is it prompt?" in refusal(
        rows, CASES / "title_commas.csv"
    )


def test_one_text_is_one_set_from_any_kind_of_file(tmp_path: Path) -> None:
    escaped = json.dumps({"prompt": QUOTED.replace("\n", "\r\n"), "loops": 4.0})
    (tmp_path / "a.jsonl").write_text(escaped)
    found = [
        rows(path)[0] for path in (CASES / "crlf.toml", CASES / "quoted_newline.csv", tmp_path / "a.jsonl")
    ]
    assert {(row.slug, row.recording.prompt, row.loops) for row in found} == {
        (found[0].slug, QUOTED, ("04",))
    }
    assert len({rows(CASES / name)[0].slug for name in ("pandas_float.csv", "pandas_index.csv")}) == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("german_decimal.csv", "row 1, temperature '0,8': write 0.8"),
        ("na.csv", "row 1, language N/A: choose en or de"),
        ("utf16.csv", "utf16.csv is not UTF-8 (byte 0): save it as UTF-8"),
        ("cp1252.csv", "cp1252.csv is not UTF-8 (byte 16): save it as UTF-8"),
    ],
)
def test_refusals_name_the_cure(name: str, says: str) -> None:
    said = refusal(rows, CASES / name)
    assert said.startswith(str(CASES / name)) and said.endswith(says)


def test_marks_of_utf_8_are_no_text() -> None:
    (row,) = rows(CASES / "rows_bom.toml")
    assert (row.recording.prompt, row.loops) == ("Roses are red", ("04",))
    assert read_texts(CASES / "notepad_bom.toml")["04"].prompt == "Roses are red"


def test_accents_stay_as_they_are_written() -> None:
    for name in ("nfc_prompt.txt", "nfd_prompt.txt"):
        assert read_user_file(CASES / name).encode() == (CASES / name).read_bytes()


def test_no_phrase_is_both_trained_on_and_held_out() -> None:
    pairs = read_pairs(CASES / "manythings_cut.tsv")
    held = {pair.english for pair in pairs if pair.use == "held out"}
    assert held == {"I see.", "I try."}
    assert [pair.french for pair in pairs if pair.english == "Run."] == ["Cours !", "Courez !"]
    assert not held & {pair.english for pair in pairs if pair.use != "held out"}


def test_spellings_of_a_phrase_stay_together(tmp_path: Path) -> None:
    """With all its translations, and on one side of training and validation too."""
    words = [f"w{number}" for number in range(20)] + ["W6", "W19", "caf\u00e9", "cafe\u0301"]
    (tmp_path / "pairs.tsv").write_text("".join(f"{word}\tm{place}\n" for place, word in enumerate(words)))
    uses = {pair.english: pair.use for pair in read_pairs(tmp_path / "pairs.tsv")}
    assert uses["w6"] == uses["W6"] == "validation"
    assert uses["w19"] == uses["W19"] == uses["caf\u00e9"] == uses["cafe\u0301"] == "held out"


def test_columns_that_are_no_pair() -> None:
    said = refusal(read_pairs, CASES / "manythings.tsv")
    assert "manythings.tsv, line 1: a third column" in said
    assert "'CC-BY 2.0 (France)" in said and "cut -f1,2" in said
    # Anki's own first lines say that the third is none
    assert [pair.english for pair in read_pairs(CASES / "anki_export.txt")][:2] == ["dog", "cat"]


def test_quotes_round_a_cell_are_none_of_it(tmp_path: Path) -> None:
    found = {pair.english: pair.french for pair in read_pairs(CASES / "excel_tab.tsv")}
    assert found["water, fresh"] == "eau douce" and found["shop"] == "magasin"
    said = ['"Hi," he said.', '"Who?" "Me."', '5" pipe', '"a ""b"" c"', "a\u2028b"]
    lines = [*said, *(f"w{number}" for number in range(9))]
    (tmp_path / "pairs.tsv").write_text("".join(f"{line}\tx\n" for line in lines), encoding="utf-8")
    english = [pair.english for pair in read_pairs(tmp_path / "pairs.tsv")]
    assert english[:5] == ['"Hi," he said.', '"Who?" "Me."', '5" pipe', 'a "b" c', "a\u2028b"]


@pytest.mark.parametrize(
    ("name", "text", "slug_of"),
    [
        ("a.csv", '"sep=|"\nprompt|seed\nHello, you|3e0\n', {"seed": 3}),
        ("a.tsv", "prompt\nHello, you\n", {}),
        ("a.csv", "\n\nPROMPT;Loops\nHello, you;7.0\n", {"loops": ("07",)}),
        ("a.csv", 'prompt;loops\n"Hello, you";"4,0"\n', {"loops": ("04",)}),
        ("a.csv", 'Unnamed: 0,prompt,\n0,"Hello, you",\n', {}),
        ("a.jsonl", '{"prompt": "Hello, you", "seed": NaN}', {}),
        ("a.jsonl", '{"prompt": "Hello, you", "language": ["EN", "de"]}', {"language": ("en", "de")}),
        ("a.csv", 'prompt,language,theme\n"Hello, you",en;de,"light,dark"\n'.replace(";", " "),
         {"language": ("en", "de"), "theme": ("light", "dark")}),
    ],
)  # fmt: skip
def test_ways_to_write_a_row(name: str, text: str, slug_of: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    (row,) = rows(tmp_path / name)
    assert row.recording.prompt == "Hello, you"
    for option, value in slug_of.items():
        owner = next(each for each in (row, row.recording, row.drawing) if hasattr(each, option))
        assert getattr(owner, option) == value


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "prompt,Prompt\na,b\n", "a.csv:1: two columns are named prompt"),
        ("a.csv", "max-new-tokens,Max new tokens\n1,1\n", "two columns are named max_new_tokens"),
        ("a.jsonl", '{"prompt": "a", "prompt": "b"}', "a.jsonl:1: two columns are named prompt"),
        ("a.jsonl", '{"prompt": "a", "Prompt": "b"}', "a.jsonl:1: two columns are named prompt"),
        ("a.toml", '[[row]]\nprompt = "a"\nPrompt = "b"', "a.toml: two columns are named prompt"),
        ("a.csv", "prompt,seed\na,6_4\n", "seed '6_4': input should be a number"),
        ("a.jsonl", '{"prompt": "a", "seed": true}', "seed True: input should be a number"),
        ("a.csv", "prompt,seed\na,7.5\n", "seed '7.5': "),
        ("a.csv", 'prompt,max_new_tokens\na,"1,000"\n', "max_new_tokens '1,000': write it without commas"),
        ("a.csv", "prompt,temperature\na,nan\n", "temperature 'nan': input should be a number"),
        ("a.csv", f"prompt,seed\na,{2**64}\n", "seed: 18446744073709551616 is not a seed"),
        ("a.csv", f"prompt,quality\na,{'64-bit ' * 999}\n", "quality '64-bit 64-bit"),
        ("a.csv", f"prompt,fps\na,{'9' * 9999}\n", "fps '9999"),
        ("a.csv", f"prompt,{'z' * 9999}\na,b\n", "zzz…: there is no such column"),
        ("a.csv", f"prompt,slug\na,{'B' * 9999}\n", "slug 'BBB"),
        ("a.csv", f"prompt,model\na,./{'n' * 9999}\n", "model: "),
        ("a.csv", ",prompt\nx,hello\n", "a cell stands in a column without a name: x"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_short_lines(name: str, text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert says in refusal(rows, tmp_path / name)


@pytest.mark.parametrize("twice", [False, True])
def test_a_very_wide_table_is_read_in_time(twice: bool, tmp_path: Path) -> None:
    header = [f"c{number}" for number in range(50_000)] + ["C49999"] * twice
    (tmp_path / "a.csv").write_text(",".join(["prompt", *header]) + "\n" + ",".join("a" * len(header)) + "\n")
    start = time.process_time()
    said = refusal(rows, tmp_path / "a.csv")
    assert time.process_time() - start < 1
    assert said.endswith("two columns are named c49999: rename one" if twice else "and 49979 more")
