"""Figure f03: words and the tokens they are cut into, with the tokens' numbers."""

from __future__ import annotations

import pytest

from model_trace.models.checkpoints import Checkpoint
from model_trace.trace import Trace
from scenes.f03_tokens.transcript import words
from scenes.wording import Wording
from tests.loops import content


def recorded(embedded: Checkpoint, prompt: str) -> Trace:
    from model_trace.recording import generation

    return generation.record(embedded, prompt, " and")


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Recite the first law:", ["Recite", "the", "first", "law", ":"]),
        ("Über die Brücke", ["Über", "die", "Brücke"]),
    ],
)
def test_the_tokens_are_grouped_by_word(embedded: Checkpoint, prompt: str, text: list[str]) -> None:
    assert [word.text for word in content("f03", recorded(embedded, prompt)).words] == text


def test_each_token_has_its_number(embedded: Checkpoint) -> None:
    trace = recorded(embedded, "Recite the law")
    entries = [entry for word in content("f03", trace).words for entry in word.entries]
    assert [entry.id.number for entry in entries] == [
        token.id for token in trace.tokens[: trace.prompt_length]
    ]


def test_a_word_of_several_tokens_is_the_finding(embedded: Checkpoint) -> None:
    told = words(content("f03", recorded(embedded, "Recite the law")), Wording())
    assert told.finding == "A token is not always a word: “Recite” is 2 tokens: “Rec” and “ite”."
    assert words(content("f03", recorded(embedded, "the law")), Wording()).finding == ""


def test_a_word_is_left_out_rather_than_cut(traces: dict[int, Trace]) -> None:
    said = content("f03", traces[60])
    shown = sum(len(word.entries) for word in said.words)
    assert shown <= 9
    assert said.more == traces[60].prompt_length - shown
