"""The transcripts name what the pictures show, and say it in the pictures' order."""

from __future__ import annotations

import importlib
import re
import unicodedata
from typing import Any

import pytest

from model_trace.trace import Trace
from scenes import facts, phrases
from scenes.catalogue import CATALOGUE
from scenes.traced_value import Recorded, TracedValue, traced_values
from scenes.transcript import Words, module_of, transcript
from scenes.wording import Wording, languages
from tests.loops import content, entry

HOSTILE = "Say <b>\n-->\t“x” & \u202e no\u200b  "


def whole(number: str, said: Any, wording: Wording) -> str:
    """All that the transcript says, had every word its beat."""
    told = words(number, said, wording)
    return " ".join((told.paragraph, *told.beats.values()))


def words(number: str, said: Any, wording: Wording) -> Words:
    name = module_of(entry(number))
    found: Words = importlib.import_module(name).words(said, wording)
    return found


def visible(text: str) -> str:
    """What of a text must stand in the transcript letter by letter."""
    return "".join(letter for letter in text if unicodedata.category(letter)[0] not in "CZ")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("number", [entry.number for entry in CATALOGUE])
def test_every_token_and_number_is_named(
    number: str, language: str, traces: dict[int, Trace], given: Trace, by_need: dict[str, Trace]
) -> None:
    wording = Wording(language)
    for trace in (by_need[entry(number).needs],) if entry(number).needs in by_need else (traces[60], given):
        for subject in (facts.GPT3, facts.traced(trace)):
            said = content(number, trace, subject=subject)
            told = whole(number, said, wording)
            named = [
                (path, shown.form, wording.printed(shown.value, shown.form))
                for path, shown in traced_values(said)
            ]
            assert any(printed for _, _, printed in named)
            for path, form, printed in named:
                if printed is None or not visible(printed):
                    continue
                if form == "text":
                    assert re.search(f"[“„]{re.escape(visible(printed))}[”“]", visible(told)), path
                else:
                    assert re.search(rf"(?<![\d.,]){re.escape(printed)}(?!\d)", told), (path, printed)
            assert number == "f01" or subject.name in told
            assert trace.model.name in told


@pytest.mark.parametrize("number", ["01", "04", "08", "f01"])
def test_a_hostile_text_stays_on_one_line_and_can_be_seen(number: str, embedded: Any) -> None:
    from model_trace.recording import generation

    trace = generation.record(embedded, HOSTILE, " </b>")
    told = whole(number, content(number, trace), Wording())
    assert all(unicodedata.category(letter)[0] != "C" for letter in told)
    assert "U+202E" in told
    assert "↵" in told
    assert "⇥" in told


def test_a_token_is_told_with_the_spaces_it_has() -> None:
    said = [
        phrases.token(TracedValue(text, "text", Recorded(())), Wording())
        for text in ("a", " a", "  ", " ", "")
    ]
    assert said == ["“a”", "“ a”", "“␣␣”", "(space)", "(nothing)"]


def test_words_wait_for_the_beat_that_tells_of_several(traces: dict[int, Trace]) -> None:
    said = content("04", traces[20])
    total = len(said.steps)
    assert 3 < total < 10
    beats = [
        {"name": name, "start": i, "end": i + 1}
        for i, name in enumerate(("clear", "step 1", f"step {total}"))
    ]
    told = transcript(entry("04"), said, Wording(), beats)
    assert [(step.start, step.end) for step in told.steps] == [(1, 2), (2, 3)]
    assert re.findall(r"Step (\d) of", told.steps[1].text) == [str(step) for step in range(2, total + 1)]
    with pytest.raises(ValueError, match="words for 'step 2'"):
        transcript(entry("04"), said, Wording(), beats[:2])
