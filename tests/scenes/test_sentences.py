"""Each value of a picture has a sentence that says what it is, in every language."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.facts import GPT3
from scenes.sentences import sentence, sentences
from scenes.traced_value import Recorded, Source, TracedValue, traced_values
from scenes.wording import Wording, languages
from tests.loops import content, entry


@pytest.fixture(params=[one.number for one in CATALOGUE])
def said(request: pytest.FixtureRequest, traces: dict[int, Trace], by_need: dict[str, Trace]) -> object:
    number = request.param
    return content(number, by_need.get(entry(number).needs, traces[6]))


@pytest.mark.parametrize("language", languages())
def test_every_value_has_one_that_names_no_tensor(said: object, language: str) -> None:
    wording = Wording(language)
    told = sentences(said, wording)
    for path, value in traced_values(said):
        words = told[path]
        ours = re.sub("[“„].*[”“]", "", words)  # without the token
        assert not any(sign in ours for sign in "{}/?_"), words
        printed = None if value.form in ("text", "bytes") else wording.printed(value.value, value.form)
        assert printed is None or words.startswith(f"{printed}: ")


def test_it_says_what_the_recording_says_of_the_value(traces: dict[int, Trace]) -> None:
    told = sentences(content("04", traces[6]), Wording())
    (position,) = {step.candidates[0].probability for step in content("04", traces[6]).steps[:1]}
    assert isinstance(position.origin, Recorded)
    row, rank = position.origin.sources[0].index
    assert rank == 0
    first = told["steps[0].candidates[0].probability"]
    token = content("04", traces[6]).steps[0].candidates[0].token.text
    share = Wording().percent(position.number)
    assert first == f"{share}: probability of “{token}” after token {row + 1}, 1st of all tokens"
    assert told["steps[0].candidates[4].probability"].endswith(": probability of all other tokens together")
    assert told["prompt[0].shown"].endswith(": token 1 of the text")


def test_a_published_figure_is_told_as_one() -> None:
    assert sentence(GPT3.layers, Wording()) == "96: layers of GPT-3, as published"
    assert sentence(GPT3.layers, Wording("de")) == "96: Schichten von GPT-3, wie veröffentlicht"


def test_a_tensor_that_has_no_words_is_named() -> None:
    value = TracedValue(0.5, "decimal", Recorded((Source("mine/entropy", (3,)),)))
    assert sentence(value, Wording()) == "0.50: mine/entropy of the recording"
    whole = replace(value, value=(0.5, 0.1), form="colour")
    assert sentence(whole, Wording()) == "mine/entropy of the recording"
