"""A chat template's tokens are grey, fold into one chip, and are no part of the prompt's text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from model_trace.trace import Trace
from scenes.display_token import spans
from scenes.parts.label import Label
from scenes.parts.token import TokenChip
from scenes.wording import Wording
from tests.loops import content, entry, play
from tests.scenes.boxes import covered, drawn, outside, too_small
from tests.scenes.test_transcripts import whole

QUESTION = "Why is the sky blue?"
HEAD, TAIL = "<|system|>\nYou answer.<|user|>\n", "<|assistant|>\n"
NUMBERS = ("01", "04", "05", "06", "07", "08")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """A question in a chat's template."""
    from model_trace.models import checkpoints
    from model_trace.recording import generation
    from tests.model_trace.families import byte_level_tokenizer, save_model

    tokenizer = byte_level_tokenizer([HEAD, QUESTION, TAIL] * 2, 360)
    folder = tmp_path_factory.mktemp("models") / "chat"
    save_model(folder, "llama", tokenizer, vocab_size=len(tokenizer), eos_token_id=None,
               max_position_embeddings=512)  # fmt: skip
    trace = generation.record(checkpoints.load(str(folder)), HEAD + QUESTION + TAIL, " Because it is so")
    tokens, place = [], 0
    for token in trace.tokens:
        inside = len(HEAD) <= place < len(HEAD + QUESTION)
        tokens.append(token if inside or token.role != "prompt" else replace(token, role="template"))
        place += len(token.bytes)
    return replace(trace, tokens=tuple(tokens))


def template(trace: Trace) -> list[int]:
    """How many tokens the template has before the prompt and after it."""
    roles = [token.role for token in trace.tokens]
    first = roles.index("prompt")
    return [first, roles[first:].count("template")]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("number", NUMBERS)
def test_its_tokens_fold_into_one_grey_chip(number: str, language: str, chat: Trace) -> None:
    said, w = content(number, chat), Wording(language)

    def faults(scene: Any) -> list[Any]:
        stage = scene.mobjects
        return [*outside(stage), *covered(stage), *too_small(stage)]

    scene, found = play(number, said, faults, w, story=number in ("04", "05", "08"))
    assert not any(found)
    before, after = template(chat)
    assert before > 3 < after
    texts = {part.text for part in drawn(scene.mobjects) if isinstance(part, Label)}
    name = {"en": "template", "de": "Vorlage"}[language]
    if number in ("01", "04", "05", "08"):
        # the last token of the prompt has its own column where we listen above it
        after -= number in ("05", "08")
        assert {text for text in texts if text.startswith(name)} == {
            w.plural("template · {count} token", "template · {count} tokens", count)
            for count in (before, after)
        }
    chips = [
        chip
        for part in scene.mobjects
        for chip in part.get_family()
        if isinstance(chip, TokenChip) and chip.piece.part == "template"
    ]
    assert chips
    grey = scene.style.palette.special_fill
    assert {chip.box.get_fill_color().to_hex().upper() for chip in chips} == {grey}


@pytest.mark.parametrize("number", NUMBERS)
def test_it_is_no_part_of_the_prompts_text(number: str, chat: Trace) -> None:
    told = whole(number, content(number, chat), Wording())
    assert "<|system|>" not in told
    if number != "06":
        assert f"“{QUESTION}”" in told
    if number in ("01", "04", "05"):
        assert f"{template(chat)[0]} tokens of the template" in told
    assert entry(number).number == number


def test_the_figure_slides_over_the_users_own_text(chat: Trace) -> None:
    assert content("f01", chat).text == f"{QUESTION} Because it is so"


def test_spans_leave_one_token_apart(chat: Trace) -> None:
    pieces = content("01", chat).prompt
    last = len(pieces) - 1
    assert spans(pieces)[-1].stop == len(pieces)
    assert [len(span) for span in spans(pieces, last)[-2:]] == [template(chat)[1] - 1, 1]
    assert [place for span in spans(pieces, last) for place in span] == list(range(len(pieces)))


def test_what_finds_no_room_is_counted_in_tokens(chat: Trace) -> None:
    scene = play("07", content("07", chat), lambda scene: None, story=False)[0]
    shown = [part for part in scene.prompt.visible if isinstance(part, TokenChip)]
    gap = [part.text for part in scene.prompt.visible if isinstance(part, Label)]
    chips = scene.prompt.chips
    left_out = sum(tokens for place, tokens in enumerate(chips.tokens) if chips[place] not in shown)
    assert gap == ([f"… {left_out} tokens …"] if left_out else [])
