"""The user's text is the user's text, whatever a tokenizer makes of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModelForCausalLM

from model_trace.learning.training_example import training_example
from model_trace.models import checkpoints
from model_trace.models.checkpoints import Checkpoint
from model_trace.models.pieces import Encoded, Pieces, encode, surfaces
from model_trace.recording import generation
from model_trace.recording.spec import RecordingSpec
from model_trace.request import ModelChoice
from model_trace.store import store
from model_trace.trace import Token, TraceError
from tests.model_trace import tokenizers
from tests.model_trace.families import save_model, sentencepiece_tokenizer
from traced_loops.jobs import recordings
from traced_loops.jobs.notes import of_traces

KINDS: tuple[Callable[[], Any], ...] = (
    tokenizers.nfc,
    tokenizers.trimming,
    tokenizers.adds_end,
    tokenizers.wordpiece,
    tokenizers.quicktour,
    sentencepiece_tokenizer,
)
FEW = RecordingSpec(tensors=("resid_pre", "resid_post", "final_norm", "attn_pattern"))


def text_of(tokens: Sequence[Token], *roles: str) -> str:
    return "".join(token.surface or "" for token in tokens if token.role in roles)


def encoded(tokenizer: Any, *texts: str) -> Encoded:
    return encode(tokenizer, Pieces(tokenizer), *texts)


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def tokenizer(request: pytest.FixtureRequest) -> Any:
    return request.param()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(prompt=st.text(min_size=1, max_size=20), completion=st.text(min_size=1, max_size=20))
def test_the_prompt_given_is_the_prompt_shown(tokenizer: Any, prompt: str, completion: str) -> None:
    try:
        alone = encoded(tokenizer, prompt)
        both = encoded(tokenizer, prompt, completion)
    except TraceError as error:
        assert "no token of the" in str(error)
        assume(False)
    assert text_of(alone.tokens, "prompt") == text_of(both.tokens, "prompt") == prompt
    assert text_of(both.tokens, "given") == completion
    roles = [token.role for token in both.tokens if token.role != "special"]
    assert roles == sorted(roles, reverse=True), "first the prompt, then what is given"


def test_a_composing_tokenizer_parts_where_the_prompt_ends() -> None:
    prompt = unicodedata.normalize("NFD", "Das Café im Dorf fährt über die Brücke")
    both = encoded(tokenizers.nfc(), prompt, " und hält")
    assert both.tokenised == "together"
    assert not both.exact
    first = next(token for token in both.tokens if token.role == "given")
    assert first.bytes.startswith(b" ")
    # the model is given the prompt's tokens as if it stood alone
    alone = encoded(tokenizers.nfc(), prompt)
    assert both.ids[: len(alone.ids)] == alone.ids


def test_a_character_composed_across_the_border_is_not() -> None:
    both = encoded(tokenizers.nfc(), "cafe", "\u0301 noir")
    assert both.tokenised == "separately"
    assert text_of(both.tokens, "prompt") == "cafe"
    assert b"".join(token.bytes for token in both.tokens if token.role == "prompt") == b"cafe"


def test_what_follows_apart_has_no_space_of_sentencepieces_own() -> None:
    tokenizer = sentencepiece_tokenizer()
    both = encoded(tokenizer, "The fox</s", ">over")
    assert both.tokenised == "separately"
    following = [token.id for token in both.tokens if token.role == "given"]
    assert tokenizer.convert_ids_to_tokens(following)[:2] == ["<0x3E>", "o"]


@pytest.mark.parametrize(("kind", "end"), [(tokenizers.adds_end, "</s>"), (tokenizers.wordpiece, "[SEP]")])
def test_specials_behind_a_text_are_left_off(kind: Callable[[], Any], end: str) -> None:
    for texts in (("the robot",), ("the robot", " must obey")):
        found = encoded(kind(), *texts)
        assert [token.role for token in found.tokens].count("special") == 1
        assert found.tokens[0].role == "special"
        assert found.left_off == (end,)
    # neither stands it between texts that are tokenised apart
    apart = encoded(kind(), "the rob", "ot must")
    assert end not in [token.text for token in apart.tokens]


def test_a_text_of_which_nothing_is_left_is_refused() -> None:
    with pytest.raises(TraceError, match="no token of the prompt"):
        encoded(tokenizers.quicktour(), "\u3000", "robot")
    with pytest.raises(TraceError, match="no token of the completion"):
        encoded(tokenizers.quicktour(), "robot", "  ")


def test_decoded_text_is_that_of_all_tokens_together(tokenizer: Any) -> None:
    text = "The robot must obey the orders given it by human beings, in a café."
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    parts = surfaces(tokenizer, ids[:3], ids[3:])
    assert len(parts) == len(ids) - 3
    whole = tokenizer.backend_tokenizer.decode(ids, skip_special_tokens=False)
    before = tokenizer.backend_tokenizer.decode(ids[:3], skip_special_tokens=False)
    assert "".join(parts) == whole[len(before) :]
    if "Whitespace" in str(tokenizer.backend_tokenizer.pre_tokenizer) and tokenizer.eos_token == "[EOS]":
        assert parts[0].startswith(" ")


def test_half_a_character_is_told_with_its_other_half() -> None:
    tokenizer = tokenizers.plain()
    before, ids = tokenizer("So ")["input_ids"], tokenizer("👩ö")["input_ids"]
    parts = surfaces(tokenizer, before, ids)
    assert [part for part in parts if part] == ["👩", "ö"]
    assert surfaces(tokenizer, before, ids[:1]) == ["\N{REPLACEMENT CHARACTER}"]


@pytest.fixture(scope="module")
def quicktour(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    tokenizer = tokenizers.quicktour()
    folder = tmp_path_factory.mktemp("models") / "quicktour"
    save_model(folder, "gpt2", tokenizer, vocab_size=len(tokenizer), eos_token_id=1)
    return checkpoints.load(str(folder))


def test_a_training_is_on_the_tokens_that_the_text_has(quicktour: Checkpoint, tmp_path: Path) -> None:
    made = generation.record(quicktour, "The robot", spec=FEW, max_new_tokens=4)
    request = recordings.training_of(made, ModelChoice(), 0)
    shown = [token for token in made.tokens if token.role != "special"]
    example = training_example(quicktour, request.prompt, request.completion, request.written)
    asked = sum(token.role == "prompt" for token in shown)
    assert [token.id for token in example.tokens] == [token.id for token in shown[max(0, asked - 4) :]][
        : len(example.tokens)
    ]
    assert example.label.id == shown[asked].id
    assert example.text == text_of(shown, "prompt", "generated")
    assert example.text.startswith("The robot ")
    saved = store.save(made, tmp_path / "x.trace")
    assert saved.tokens == made.tokens
    # a completion is parted for it as for all others
    given = generation.record(quicktour, "The rob", "ot must", spec=FEW)
    apart = training_example(quicktour, "The rob", "ot must")
    asked = sum(token.role == "prompt" for token in given.tokens)
    ids = [token.id for token in given.tokens]
    assert [token.id for token in apart.tokens] == ids[max(0, asked - 4) : asked + 1]


def test_a_text_is_quoted_as_it_was_given(quicktour: Checkpoint) -> None:
    from scenes import phrases
    from scenes.s01_language_model_overview.content import content

    prompt, completion = "The robot must", " obey the  orders"
    made = generation.record(quicktour, prompt, completion, spec=FEW)
    said = content(made)
    assert phrases.text(said.prompt) == prompt
    assert phrases.text(said.output) == completion.strip()


@pytest.fixture(scope="module")
def padded(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """A model with more rows than its tokenizer has tokens, which answers one of these."""
    tokenizer = tokenizers.plain()
    return forced(tmp_path_factory.mktemp("models") / "padded", tokenizer, len(tokenizer) + 5)


def forced(folder: Path, tokenizer: Any, id: int) -> Checkpoint:
    """A tiny model whose answer is always ``id``."""
    torch.manual_seed(7)
    config = AutoConfig.for_model(
        "phi", vocab_size=len(tokenizer) + 24, bos_token_id=None, eos_token_id=0, pad_token_id=0,
        hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=64,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        model.lm_head.bias[id] = 9.0
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return checkpoints.load(str(folder))


def test_a_token_without_text_has_one_name(padded: Checkpoint) -> None:
    from scenes import phrases
    from scenes.s04_generate_tokens_output.content import content
    from scenes.wording import Wording

    made = generation.record(padded, "The robot", spec=FEW, max_new_tokens=2)
    name = f"#{made.tokens[-1].id}"
    step = content(made).steps[-1]
    assert step.chosen.text == step.candidates[0].token.text == name  # type: ignore[union-attr]
    assert name in phrases.token(step.chosen.shown, Wording("en"))
    assert phrases.text([step.chosen]) == name


def test_an_end_of_text_that_would_come_first_is_passed_over(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    from scenes.s04_generate_tokens_output import transcript as transcript
    from scenes.s04_generate_tokens_output.content import content
    from scenes.wording import Wording

    ends = forced(tmp_path_factory.mktemp("models") / "ends", tokenizers.plain(), 0)
    for options in ({}, {"temperature": 0.5, "seed": 3}):
        made = generation.record(ends, "Why is the robot blue?", spec=FEW, max_new_tokens=3, **options)  # type: ignore[arg-type]
        first = made.tokens[made.prompt_length]
        row = made.prompt_length - 1
        assert (made.generation.passed_over, first.role) == (0, "generated")
        # what the model said stays as it was
        assert made.values("generation/top_ids", (row, 0)) == 0
        assert made.values("generation/next_rank", row) > 1
        assert store.save(made, tmp_path / "x.trace").generation == made.generation
        said = content(made)
        assert said.text_source == "continued"
        for language, words in (("en", "was passed over"), ("de", "wurde übergangen")):
            assert words in transcript.words(said, Wording(language)).paragraph
        assert any("ended the text at once" in line for line in of_traces([made]))
    assert made.generation.stopped == "end of text"
    likeliest = made.values("generation/top_ids", row)[1]
    greedy = generation.record(ends, "Why is the robot blue?", spec=FEW, max_new_tokens=3)
    assert greedy.tokens[greedy.prompt_length].id == likeliest


def test_a_model_that_can_say_nothing_else_is_refused(tmp_path: Path) -> None:
    ends = forced(tmp_path / "ends", tokenizers.plain(), 0)
    ends.model.generation_config.eos_token_id = list(range(ends.card.vocabulary))
    with pytest.raises(TraceError, match="nothing but the end of the text") as caught:
        generation.record(ends, "The robot", spec=FEW)
    assert "\n" not in str(caught.value)


ROOT_0_1 = Path(__file__).parent.parent / "from_0_1"


@pytest.mark.parametrize("name", ["text", "training"])
def test_what_version_0_1_wrote_is_read_drawn_and_verified(name: str, tmp_path: Path) -> None:
    from model_trace.verify import verify
    from scenes.catalogue import CATALOGUE
    from scenes.chosen_content import choose_content, serves

    trace = store.open_checked(ROOT_0_1 / f"{name}.trace")
    entries = [entry for entry in CATALOGUE if serves(entry, trace)]
    assert entries
    for entry in entries:
        assert choose_content(entry, trace, article=False).content
    checks = verify(ROOT_0_1 / f"{name}.trace", checkpoints.load(str(ROOT_0_1 / "model" / "tiny-robot")))
    assert checks
    again = store.save(trace, tmp_path / "again.trace")
    assert (again.tokens, again.parts) == (trace.tokens, trace.parts)
