"""The texts of the loops: the default ones, and a writer's own in their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_trace.user_files import UserFileError
from scenes.catalogue import CATALOGUE
from scenes.priming import pairs
from traced_loops.jobs.texts import code_prompt, read_texts, texts_as_toml


def test_every_loop_and_figure_has_a_text() -> None:
    assert set(read_texts()) == {entry.number for entry in CATALOGUE}


def test_what_texts_prints_is_read_back_to_the_same(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(texts_as_toml(), encoding="utf-8")
    assert read_texts(mine) == read_texts()


def test_a_writers_texts_replace_theirs_and_no_others(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[04]\nprompt = "Once"\n[10]\npairs = "words.tsv"\n', encoding="utf-8")
    texts = read_texts(mine)
    assert texts["04"].prompt == "Once"
    assert not texts["04"].article
    assert texts["10"].pairs == tmp_path / "words.tsv"
    assert texts["01"] == read_texts()["01"]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('[04]\npromt = "Once"', "promt"),
        ("[04]\nprompt = 3", "prompt"),
        ('[99]\nprompt = "Once"', "no loop 99"),
        ("[04", "cannot be read"),
    ],
)
def test_a_mistake_in_them_is_named(written: str, says: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(written, encoding="utf-8")
    with pytest.raises(UserFileError, match=says) as caught:
        read_texts(mine)
    assert "\n" not in str(caught.value)


def test_the_code_prompt_has_the_form_that_the_loop_reads() -> None:
    prompt, length = code_prompt("a link\n to {somewhere}")
    *examples, (description, code) = pairs(prompt)
    assert len(examples) == 2
    assert (description, code) == ("a link to {somewhere}", "")
    assert length >= 16
