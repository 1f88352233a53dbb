"""A character that several tokens share is drawn and told as the character, over a slot for each byte."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_trace.trace import Token, Trace
from scenes import phrases
from scenes.display_token import (
    DisplayToken,
    Share,
    bytes_of,
    display_token,
    extremes,
    named,
    shares,
    spelt,
    token_text,
)
from scenes.parts.token import TokenChip, TokenText
from scenes.style import Style
from scenes.traced_value import Recorded, TracedValue, traced_values
from scenes.wording import Wording
from tests.loops import TEXT_LOOPS, content, play
from tests.scenes.boxes import covered, outside, too_small
from tests.scenes.hostile import texts
from tests.scenes.test_transcripts import whole

ORIGIN = Recorded(())
TEXTS = ("über größer", "国家是什么", "a😀b👩‍👩‍👧", "naïve 国", "Ünïcode für größere Bären")


def split(text: str, cuts: list[int], trace: Trace) -> Trace:
    """The trace as if its tokens were the text's bytes cut at these places."""
    data = text.encode()
    places = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    tokens = tuple(
        Token(0, data[a:b].decode("utf-8", "replace"), data[a:b], "prompt") for a, b in pairwise(places)
    )
    return replace(trace, tokens=tokens)


@pytest.fixture(scope="module")
def bytewise(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A model whose tokens are single bytes and a few English words."""
    from model_trace.models import checkpoints
    from tests.model_trace.families import save_model

    folder = tmp_path_factory.mktemp("models") / "bytewise"
    save_model(folder, "llama", max_position_embeddings=4096, eos_token_id=None)
    return checkpoints.load(str(folder))


@pytest.fixture(scope="module")
def shared(bytewise: Any) -> dict[str, Trace]:
    """Each text, and what the model wrote after it or, for the first, a text that is given."""
    from model_trace.recording import generation

    follows = {"über größer": " für ö"}
    return {text: generation.record(bytewise, text, follows.get(text), max_new_tokens=5) for text in TEXTS}


@settings(max_examples=300, deadline=None)
@given(texts(3), st.lists(st.integers(0, 400), max_size=40))
def test_any_split_shows_whole_characters(training: Trace, text: str, cuts: list[int]) -> None:
    text = text.encode("utf-8", "ignore").decode()
    trace = replace(split(text or "x", cuts, training), parts=())
    for place, token in enumerate(trace.tokens):
        shown = token_text(trace, place)
        assert shown.form == "text", "the text completes all of its characters"
        assert bytes_of(shown) == token.bytes
        for share in shares(shown):
            assert share.place in (0, len(shown.text) - 1)
            assert 1 <= share.first <= share.last <= share.total == len(shown.text[share.place].encode())
            assert share.last - share.first + 1 < share.total
    # the tokens of a character have all of its slots together, each once
    slots = [
        (shown.text[share.place], byte)
        for place in range(len(trace.tokens))
        for shown in [token_text(trace, place)]
        for share in shares(shown)
        for byte in range(share.first, share.last + 1)
    ]
    while slots:
        character = slots[0][0]
        for byte in range(1, len(character.encode()) + 1):
            assert slots.pop(0) == (character, byte)


@pytest.mark.parametrize(
    ("data", "before", "after", "text", "found"),
    [
        (b"\xc3", b"", b"\xbc", "ü", [Share(0, 1, 1, 2)]),
        (b"\xbc", b"\xc3", b"", "ü", [Share(0, 2, 2, 2)]),
        (b"\x9b", b"\xe5", b"\xbd", "国", [Share(0, 2, 2, 3)]),
        (b"gr\xc3", b"", b"\xb6\xc3", "grö", [Share(2, 1, 1, 2)]),
        (b"\xb6\xc3", b"\xc3", b"\x9f", "öß", [Share(0, 2, 2, 2), Share(1, 1, 1, 2)]),
        (b"\x9f\x98", b"a\xf0", b"\x80b", "😀", [Share(0, 2, 3, 4)]),
        ("ü".encode(), b"\xc3", b"\xbc", "ü", []),
    ],
)
def test_a_token_has_the_whole_character(
    data: bytes, before: bytes, after: bytes, text: str, found: list[Share]
) -> None:
    shown = spelt(data, ORIGIN, before, after)
    assert (shown.text, shown.form, list(shares(shown))) == (text, "text", found)
    assert bytes_of(shown) == data


@pytest.mark.parametrize(
    ("data", "before", "after"), [(b"\xc3", b"", b""), (b"\xff", b"a", b"b"), (b"\xe5\x9b", b"", b"x")]
)
def test_what_is_never_completed_is_spelt_in_hex(data: bytes, before: bytes, after: bytes) -> None:
    shown = spelt(data, ORIGIN, before, after)
    assert (shown.text, shown.form) == ("0x" + data.hex().upper(), "bytes")
    assert bytes_of(shown) == data
    assert phrases.token(shown, Wording()) == f"“0x{data.hex().upper()}”"


def test_a_text_that_looks_like_hex_is_no_bytes() -> None:
    shown = spelt(b"0xC3", ORIGIN)
    assert (shown.form, bytes_of(shown)) == ("text", b"0xC3")
    assert (
        phrases.text([DisplayToken(shown, "input"), DisplayToken(spelt(b"\xbc", ORIGIN, b"\xc3"), "input")])
        == "0xC3\ufffd"
    )


@pytest.mark.parametrize("language", ["en", "de"])
def test_words_name_the_character_and_its_bytes(language: str) -> None:
    said = [
        phrases.token(spelt(*data), Wording(language))
        for data in (
            (b"\xc3", ORIGIN, b"", b"\xbc"),
            (b"\xe5\x9b", ORIGIN, b"", b"\xbd"),
            (b"\xb6\xc3", ORIGIN, b"\xc3", b"\x9f"),
        )
    ]
    assert said == {
        "en": [
            "“ü” (byte 1 of 2)", "“国” (bytes 1–2 of 3)", "“öß” (byte 2 of 2 of “ö”; byte 1 of 2 of “ß”)",
        ],
        "de": [
            "„ü“ (Byte 1 von 2)", "„国“ (Bytes 1–2 von 3)",
            "„öß“ (Byte 2 von 2 von „ö“; Byte 1 von 2 von „ß“)",
        ],
    }[language]  # fmt: skip


@pytest.mark.parametrize("number", [*TEXT_LOOPS, "f01"])
@pytest.mark.parametrize("text", TEXTS)
def test_loops_show_and_tell_the_characters(number: str, text: str, shared: dict[str, Trace]) -> None:
    said = content(number, shared[text])
    own = [
        shown
        for path, shown in traced_values(said)
        if re.match("prompt|tokens|examples|word", path) and in_prompt(shown, shared[text])
    ]
    assert not any(shown.form == "bytes" for shown in own), "the prompt's characters are all complete"
    assert any(shown.own for shown in own) or number == "06"
    told = whole(number, said, Wording())
    hexes = {shown.text for _, shown in traced_values(said) if shown.form == "bytes"}
    assert set(re.findall("0x[0-9A-F]{2,}", told)) <= hexes
    if number not in ("06",):
        assert re.search(r"“.” \(byte \d of [2-4]", told)

    def faults(scene: Any) -> list[Any]:
        stage = scene.mobjects
        return [*outside(stage), *covered(stage), *too_small(stage)]

    assert not any(play(number, said, faults, story=False)[1])


def in_prompt(shown: TracedValue, trace: Trace) -> bool:
    """Whether it is the text of a token of the prompt."""
    assert isinstance(shown.origin, Recorded)
    source = shown.origin.sources[0]
    return source.tensor == "tokens" and source.index[0] < trace.prompt_length  # type: ignore[operator]


def slots(text: TokenText) -> list[int]:
    """How many slots there are under its letters, filled and open."""
    counts = [0, 0]
    for sign in text:
        for part in sign.submobjects[1:]:
            counts[0 if part.fill_opacity else 1] += len(part.get_subpaths())
    return counts


def test_a_chip_fills_the_tokens_own_slots(shared: dict[str, Trace]) -> None:
    trace = shared["über größer"]
    pieces = [display_token(trace, place) for place in range(2)]
    assert [piece.text for piece in pieces] == ["ü", "ü"]
    assert [bytes_of(piece.shown) for piece in pieces] == [b"\xc3", b"\xbc"]
    chips = [TokenChip(piece, Style()) for piece in pieces]
    assert [slots(chip.letters) for chip in chips] == [[1, 1], [1, 1]]
    filled = [chip.letters[1][1].get_x() - chip.get_x() for chip in chips]
    assert filled[0] < 0 < filled[1], "the first slot, then the second"
    for chip in chips:
        for slot in chip.letters[1].submobjects[1:]:
            assert chip.box.get_bottom()[1] < slot.get_bottom()[1], "it stands on its chip"
            assert slot.get_top()[1] < chip.letters.line_box.get_bottom()[1], "below the letters"
    plain = TokenText(TracedValue("ü", "text", ORIGIN), Style())
    assert slots(plain) == [0, 0]


def test_a_character_that_is_cut_away_takes_its_slots_with_it() -> None:
    shown = spelt(b"abcdefgh\xc3", ORIGIN, b"", b"\xbc")
    assert slots(TokenText(shown, Style())) == [1, 1]
    assert slots(TokenText(shown, Style(), longest=6)) == [0, 0]


def test_two_parts_of_one_character_do_not_read_alike() -> None:
    chances = [TracedValue(chance, "percent", ORIGIN) for chance in (0.9, 0.2)]
    both = [spelt(b"\xc3", ORIGIN, b"", b"\xbc"), spelt(b"\xbc", ORIGIN, b"\xc3", b"")]
    pieces = [DisplayToken(shown, "output", chance) for shown, chance in zip(both, chances, strict=True)]
    assert extremes(pieces) == (0, 1)


def test_a_training_example_takes_the_character_from_the_text_around_it(training: Trace) -> None:
    part = replace(training.training, text="größer")
    tokens = (Token(1, "�", b"\xb6", "prompt"), Token(2, "�", b"\xc3", "given"))
    trace = replace(training, parts=(part,), tokens=tokens)
    shown = [token_text(trace, place) for place in range(2)]
    assert [(each.text, each.own) for each in shown] == [("ö", (1, 2)), ("ß", (0, 1))]


def test_a_guess_may_complete_what_the_text_began(shared: dict[str, Trace]) -> None:
    trace = shared["国家是什么"]
    place = next(place for place in range(1, 9) if trace.tokens[place].bytes[0] & 0xC0 == 0x80)
    ids = trace.values("generation/top_ids").copy()
    other, lead = 1001, 1002
    ids[place - 1, :3] = trace.tokens[place].id, other, lead
    pieces = {**trace.pieces, other: b"x", lead: b"\xe5"}
    trace = replace(trace, tensors={**trace.tensors, "generation/top_ids": ids}, pieces=pieces)
    right, _, wrong = (named(trace, "generation/top_ids", (place - 1, rank), place) for rank in range(3))
    assert (right.text, right.own) == (token_text(trace, place).text, token_text(trace, place).own)
    assert right.own is not None
    assert (wrong.text, wrong.form) == ("0xE5", "bytes"), "nothing completes what it would begin"
