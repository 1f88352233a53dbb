"""A prompt in the model's own chat template."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model_trace.learning.training_example import training_example
from model_trace.models import chat, checkpoints
from model_trace.models.checkpoints import Checkpoint
from model_trace.models.pieces import Pieces, encode
from model_trace.recording import generation
from model_trace.recording.spec import RecordingSpec
from model_trace.request import ModelChoice
from model_trace.store import store
from model_trace.trace import Trace, TraceError
from model_trace.verify import verify
from tests.model_trace import tokenizers
from tests.model_trace.families import save_model, sentencepiece_tokenizer
from traced_loops.jobs import recordings
from traced_loops.jobs.notes import of_traces

FEW = RecordingSpec(tensors=("resid_pre", "resid_post", "final_norm", "attn_pattern"))
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>\n{{ message.content | trim }}<|end|>"
    "\n{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
STRIPPED = TEMPLATE.replace("{{ bos_token }}", "")


def with_template(tokenizer: Any, template: str) -> Any:
    tokenizer.chat_template = template
    return tokenizer


def texts(trace: Trace, *roles: str) -> str:
    return "".join(token.surface or "" for token in trace.tokens if token.role in roles)


@pytest.fixture(scope="module")
def chatty(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """A tiny model with a chat template."""
    tokenizer = with_template(tokenizers.plain(), STRIPPED)
    folder = tmp_path_factory.mktemp("models") / "chatty"
    save_model(folder, "llama", tokenizer, vocab_size=len(tokenizer), max_position_embeddings=128)
    return checkpoints.load(str(folder))


@pytest.mark.parametrize(
    ("kind", "prompt"),
    [
        (tokenizers.plain, "user"),
        (tokenizers.plain, "  {{ 7 * 7 }} <|end|> written\n out"),
        (tokenizers.nfc, "What is a cafe\u0301?"),
        (sentencepiece_tokenizer, " the fox\nuser\n"),
    ],
)
def test_the_prompt_stands_in_the_template(kind: Callable[[], Any], prompt: str) -> None:
    tokenizer = with_template(kind(), TEMPLATE)
    found = encode(tokenizer, Pieces(tokenizer), prompt, " Yes, it is.", chat=True)
    by_role = [(token.role, token.surface or "") for token in found.tokens]
    assert "".join(text for role, text in by_role if role == "prompt") == prompt
    assert "".join(text for role, text in by_role if role == "given") == " Yes, it is."
    template = "".join(text for role, text in by_role if role == "template")
    assert template == f"{tokenizer.bos_token or ''}<|user|>\n<|end|>\n<|assistant|>\n"
    assert "special" not in {role for role, _ in by_role}


def test_it_is_the_text_that_transformers_makes() -> None:
    tokenizer = with_template(tokenizers.plain(), STRIPPED)
    prompt = "What is a robot?"
    theirs = tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}], add_generation_prompt=True, return_dict=True
    )["input_ids"]
    assert encode(tokenizer, Pieces(tokenizer), prompt, chat=True).ids == theirs


def test_the_embedded_model_answers(embedded: Checkpoint) -> None:
    trace = generation.record(embedded, "What is a robot?", spec=RecordingSpec((), lens="none"), chat=True)
    answer = texts(trace, "generated")
    assert answer.startswith("A robot is a mechanical device designed to perform tasks")
    assert trace.generation.stopped == "end of sentence"
    assert texts(trace, "prompt") == trace.generation.prompt == "What is a robot?"
    assert trace.tokens[0].text == "<|im_start|>"
    assert [token.role for token in trace.tokens].count("special") == 0


def test_a_recording_is_saved_verified_drawn_and_trained_on(chatty: Checkpoint, tmp_path: Path) -> None:
    import importlib

    from scenes.catalogue import CATALOGUE
    from scenes.chosen_content import choose_content, serves

    trace = generation.record(chatty, "The robot?", chat=True, max_new_tokens=6)
    saved = store.save(trace, tmp_path / "x.trace")
    assert saved.generation.chat
    assert all(check.ok for check in verify(tmp_path / "x.trace", chatty))
    for entry in (entry for entry in CATALOGUE if serves(entry, saved)):
        said = choose_content(entry, saved, article=False)
        assert said.tags["prompt"] == "The robot?"
        assert importlib.import_module(entry.module).content(saved)
    request = recordings.training_of(saved, ModelChoice(), 0)
    assert request.chat
    example = training_example(chatty, request.prompt, request.completion, request.written, request.chat)
    shown = [token.id for token in saved.tokens if token.role in ("prompt", "generated")]
    asked = sum(token.role == "prompt" for token in saved.tokens)
    assert [token.id for token in example.tokens] == shown[max(0, asked - 4) : asked + 1]


def test_a_completion_follows_the_generation_prompt(chatty: Checkpoint) -> None:
    trace = generation.record(chatty, "The robot?", " must obey", spec=FEW, chat=True)
    assert texts(trace, "template", "prompt", "given").endswith("<|end|>\n<|assistant|>\n must obey")
    assert trace.generation.stopped == "given"


def test_the_end_of_a_run_says_that_there_is_a_template(chatty: Checkpoint) -> None:
    def lines(prompt: str, completion: str | None = None, **options: Any) -> list[str]:
        return of_traces([generation.record(chatty, prompt, completion, spec=FEW, **options)])

    for question in ("The robot?", "Was ist das ？", "ما هذا؟ "):
        assert any("--chat" in line for line in lines(question))
    assert not any("--chat" in line for line in lines("The robot."))
    assert not any("--chat" in line for line in lines("The robot?", " Yes"))
    assert not any("--chat" in line for line in lines("The robot?", chat=True))
    chatty.tokenizer.chat_template = None
    try:
        assert not any("--chat" in line for line in lines("The robot?"))
    finally:
        chatty.tokenizer.chat_template = STRIPPED


def test_a_model_without_a_template_is_refused() -> None:
    with pytest.raises(TraceError, match="no chat template: leave out --chat"):
        chat.wrap(tokenizers.plain(), "The robot?")


HOSTILE = {
    "reaches for Python": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "never ends": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "takes all memory": "{{ 'a' * 10000000000 }}",
    "is no template": "{% for",
    "refuses": "{{ raise_exception('not\nme') }}",
    "leaves the prompt out": "hello",
    "says it twice": "{{ messages[0].content }} {{ messages[0].content }}",
    "changes it": "{{ messages[0].content | upper }}",
    "is long": "x" * 2**20,
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_template_ends_in_one_line(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    with pytest.raises(TraceError, match="chat template cannot be used") as caught:
        chat.wrap(with_template(tokenizers.plain(), HOSTILE[how]), "The robot?")
    assert "\n" not in str(caught.value)
    assert time.monotonic() - began < 75


def test_a_date_is_the_same_on_any_day() -> None:
    template = "{{ strftime_now('%d %b %Y') }} {{ messages[0].content }}"
    assert chat.wrap(with_template(tokenizers.plain(), template), "The robot?").before == "26 Jul 2024 "


def test_another_template_is_another_model(chatty: Checkpoint) -> None:
    """A recording is found again by what it depends on."""
    assert chatty.source is not None
    before = checkpoints.identity(chatty.source)
    template = Path(chatty.source) / "chat_template.jinja"
    template.write_text(template.read_text() + " ")
    assert checkpoints.identity(chatty.source) != before
