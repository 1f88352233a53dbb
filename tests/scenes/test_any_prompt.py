"""Any prompt becomes a picture that keeps the layout's promises, and its tokens joined are the prompt.

Each prompt is drawn in one loop; the loops share the prompts out among them, every loop has its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings

from model_trace.trace import Trace, TraceError
from scenes import facts
from scenes.catalogue import LOOPS
from scenes.display_token import DisplayToken, bytes_of, written_positions
from scenes.frame import NARROW, WIDE, Frame
from scenes.style import Style
from scenes.traced_value import Recorded
from tests.loops import TEXT_LOOPS, content, entry, play
from tests.scenes.boxes import covered, outside, too_small
from tests.scenes.hostile import FRAGMENTS, texts
from traced_loops.jobs.texts import code_prompt

if TYPE_CHECKING:
    from model_trace.models.checkpoints import Checkpoint

NUMBERS = (*(one.number for one in LOOPS), "f01", "f03")
# where all of the prompt's tokens are, not a chosen one or the first few
_WHOLE = {"01": "prompt", "04": "prompt", "05": "prompt", "07": "prompt", "08": "tokens"}

# how many prompts are drawn in each (6 in others): more in the loops that are quick to draw
_COUNTS = {"02": 3, "03": 3, "06": 12, "07": 12, "08": 12, "f01": 12}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """A model whose tokens are bytes, parts of characters, characters and words of many scripts."""
    from model_trace.models import checkpoints
    from tests.model_trace.families import byte_level_tokenizer, save_model

    tokenizer = byte_level_tokenizer([text for text in FRAGMENTS for _ in range(2)], 900)
    folder = tmp_path_factory.mktemp("models") / "any"
    save_model(
        folder, "llama", tokenizer, vocab_size=len(tokenizer), eos_token_id=None, max_position_embeddings=4096
    )
    return checkpoints.load(str(folder))


def recorded(number: str, prompt: str, following: str, tiny: Checkpoint, fine_tuning: Trace) -> Trace:
    """A recording of these texts, of the kind that the loop needs."""
    from model_trace.learning.training import record_training
    from model_trace.models.pieces import encode
    from model_trace.recording import generation
    from model_trace.recording.spec import DEFAULT, RecordingSpec
    from model_trace.recording.temperatures import record_temperatures

    match entry(number).needs:
        case "text":
            # every other text is the model's own, which is of random bytes
            given = following if len(prompt) % 2 else None
            return generation.record(tiny, prompt, given, max_new_tokens=4)
        case "attention":
            # with fewer tokens there is nothing to look back at
            assume(len(encode(tiny.tokenizer, tiny.pieces, prompt).tokens) > 2)
            return generation.record(tiny, prompt, following, spec=RecordingSpec(tensors=(*DEFAULT, "v")))
        case "temperatures":
            return record_temperatures(tiny, prompt)
        case "training":
            # one token alone is no example
            assume(len(encode(tiny.tokenizer, tiny.pieces, prompt + following).tokens) > 1)
            return record_training(tiny, prompt, following, steps=2)
        case "code":
            return generation.record(tiny, code_prompt(prompt)[0], following)
        case "fine-tuning":
            part = fine_tuning.fine_tuning
            answer = replace(
                part.answers[0], english=prompt, expected=following, before=following, after=prompt
            )
            return replace(fine_tuning, parts=(replace(part, answers=(answer, *part.answers[1:])),))


def data(pieces: Sequence[DisplayToken], trace: Trace) -> bytes:
    """The tokens' bytes, as the picture spells them."""
    found = b""
    for piece in pieces:
        assert isinstance(piece.shown.origin, Recorded)
        (place,) = piece.shown.origin.sources[0].index
        assert isinstance(place, int)
        assert bytes_of(piece.shown) == trace.tokens[place].bytes
        found += bytes_of(piece.shown)
    return found


def hold(number: str, said: Any, trace: Trace, prompt: str, following: str) -> None:
    """The content's tokens joined are the text: all of it where the loop tells all of it."""
    if number in _WHOLE:
        pieces = [piece for piece in getattr(said, _WHOLE[number]) if piece.part == "input"]
        assert data(pieces, trace) == prompt.encode()
    elif number == "f01":
        text = b"".join(token.bytes for token in trace.tokens)
        # how many marks stand for bytes that are no character is the decoder's choice
        whole = text.decode("utf-8", "replace")
        assert said.text.replace("\ufffd", "") == whole.replace("\ufffd", "")
        assert said.text.startswith(prompt)
        for example in said.examples:
            shown = data((*example.passed, *example.features, example.label), trace)
            assert text.startswith(shown)
    elif number in ("02", "03"):
        pieces = said.example if number == "02" else (*said.features, said.label)
        # the prompt's last tokens and what follows them, or of a prompt that nothing follows all but the rest
        assert data(pieces, trace) in (prompt + following).encode()
    elif number == "09":
        assert said.description == " ".join(prompt.split())
        assert following.encode().startswith(data(said.code, trace))
    elif number == "10":
        assert (said.word.text, said.answer_before.text) == (prompt, following)


def faults(scene: Any) -> list[Any]:
    stage = scene.mobjects
    return [*outside(stage, scene.style.frame), *covered(stage), *too_small(stage)]


@pytest.fixture(scope="module")
def passed() -> set[str]:
    """The prompts that were drawn without a fault: none is drawn twice."""
    return set()


def search(
    number: str,
    count: int,
    tiny: Checkpoint,
    fine_tuning: Trace,
    passed: set[str],
    *,
    story: bool,
    frame: Frame = WIDE,
) -> None:
    """Try ``count`` prompts in the loop."""

    @seed(zlib.crc32(f"{number}{story}{frame.name}".encode()))
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        # the prompt that fails is printed; to look for a shorter one would take minutes
        phases=[Phase.generate],
    )
    @given(texts(), texts(3))
    def keeps_its_promises(prompt: str, following: str) -> None:
        assume(prompt not in passed)
        trace = recorded(number, prompt, following, tiny, fine_tuning)
        # a model that ends the text at once has nothing drawn, which ``choose_content`` says
        assume(entry(number).needs != "text" or written_positions(trace))
        said = content(number, trace)
        for each in TEXT_LOOPS if number in TEXT_LOOPS else (number,):
            hold(each, content(each, trace), trace, prompt, following)
        for found in play(number, said, faults, story=story, style=replace(Style(), frame=frame))[1]:
            assert not found
        passed.add(prompt)

    keeps_its_promises()


@pytest.mark.parametrize("number", NUMBERS)
def test_any_prompts_finished_picture(
    number: str, tiny: Checkpoint, fine_tuning: Trace, passed: set[str]
) -> None:
    search(number, _COUNTS.get(number, 6), tiny, fine_tuning, passed, story=False)


@pytest.mark.parametrize("number", NUMBERS)
def test_any_prompts_narrow_picture(number: str, tiny: Checkpoint, fine_tuning: Trace) -> None:
    search(number, 3, tiny, fine_tuning, set(), story=False, frame=NARROW)


@pytest.mark.parametrize("number", NUMBERS)
def test_any_prompts_story(number: str, tiny: Checkpoint, fine_tuning: Trace, passed: set[str]) -> None:
    search(number, 1, tiny, fine_tuning, passed, story=True)


def test_a_text_longer_than_gpt3_reads_is_not_told_of_it(tiny: Checkpoint) -> None:
    """Its places have long numbers and narrow tokens."""
    from model_trace.recording import generation

    trace = generation.record(tiny, "\n" * 2_100 + "a" * 500, "b")
    with pytest.raises(TraceError, match="GPT-3 has 2048: leave out --subject gpt3"):
        content("05", trace)
    said = content("05", trace, subject=facts.traced(trace))
    assert said.tracks.number == 4_096
    assert said.subject == tiny.card.name
    assert not any(play("05", said, faults, story=False)[1])


def test_any_guess_on_the_way_stands_clear(tiny: Checkpoint) -> None:
    """Arabic letters reach below the line, a code point's frame above it."""
    from model_trace.recording import generation

    said = content("07", generation.record(tiny, "x", "y"))
    words = ("\ufeff", "في", "\ufeff", "ᾄδω")
    depths = tuple(
        replace(depth, guess=replace(said.answer.shown, value=words[place % len(words)]))
        for place, depth in enumerate(said.depths)
    )
    assert not any(play("07", replace(said, depths=depths), faults)[1])


def test_columns_keep_apart_over_narrow_tokens(tiny: Checkpoint) -> None:
    from model_trace.recording import generation

    trace = generation.record(tiny, "שָׁלוֹם" * 20, "مرحبا بالعالم" * 20)
    assert not any(play("05", content("05", trace), faults, story=False)[1])


@pytest.mark.full
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_thousands_of_prompts(number: str, frame: Frame, tiny: Checkpoint, fine_tuning: Trace) -> None:
    search(number, 20 * _COUNTS.get(number, 6), tiny, fine_tuning, set(), story=True, frame=frame)
