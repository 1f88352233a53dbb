"""One training example of a text: its features, its label, and what a model answers after the features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from model_trace.models.checkpoints import Checkpoint
from model_trace.models.pieces import encode, surfaces, token
from model_trace.recording.distribution import Distribution, check_finite
from model_trace.trace import Token, TraceError

FEATURES = 4
# Earlier versions took a text's first tokens, whatever the prompt asked.
EARLIER_FEATURES = 3
CANDIDATES = 10


@dataclass(frozen=True)
class Example:
    """A training example of a text: ``tokens`` are the specials before it, the features, the label."""

    tokens: tuple[Token, ...]
    text: str

    @property
    def features(self) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens[:-1] if token.role != "special")

    @property
    def label(self) -> Token:
        return self.tokens[-1]

    @property
    def given(self) -> list[int]:
        """The ids that are fed to the model: all but the label."""
        return [token.id for token in self.tokens[:-1]]


def training_example(
    checkpoint: Checkpoint,
    prompt: str,
    completion: str | None = None,
    written: Sequence[int] = (),
    chat: bool = False,
    *,
    earlier: bool = False,
) -> Example:
    """The prompt's last tokens, at most four, as features, and the token after them as label.

    The label is the first token of what follows the prompt; where nothing does, the prompt's last token.
    The text is given as to ``record_training``; its tokens are those that a recorded generation of it has,
    without the chat template's. Features begin where a character does. ``earlier``: the text's first three
    tokens and the fourth, as earlier versions had it.

    Raises:
        TraceError: the text has fewer than two tokens.
    """
    rows = checkpoint.model.get_input_embeddings().weight.shape[0]
    if any(not 0 <= id < rows for id in written):
        raise TraceError(
            f"the model has only {rows} tokens, and the text holds others: record the text again"
        )
    tokenizer, pieces = checkpoint.tokenizer, checkpoint.pieces
    given = encode(tokenizer, pieces, prompt, completion, chat=chat)
    added = zip(written, surfaces(tokenizer, given.ids, written), strict=True)
    tokens = [each for each in given.tokens if each.role != "template"]
    tokens += [token(pieces, id, "generated", text) for id, text in added]
    places = [place for place, each in enumerate(tokens) if each.role != "special"]
    if len(places) < 2:
        raise TraceError("a training example takes a text of at least two tokens; give it a continuation")
    if earlier:
        label, first = places[: EARLIER_FEATURES + 1][-1], places[0]
    else:
        label = next((p for p in places[1:] if tokens[p].role in ("given", "generated")), places[-1])
        first = _first_feature(tokens, [place for place in places if place < label][-FEATURES:])
    specials = [each for each in tokens[: places[0]] if each.role == "special"]
    inside = tokens[places[0] : label] if earlier else tokens[first:label]
    features = [each if each.role == "special" else replace(each, role="prompt") for each in inside]
    text = "".join(each.surface or "" for each in tokens)
    return Example((*specials, *features, replace(tokens[label], role="given")), text)


def _first_feature(tokens: Sequence[Token], places: Sequence[int]) -> int:
    """The first of the places whose token begins a character, or simply the first."""
    return next((place for place in places if not _continues(tokens[place])), places[0])


def _continues(token: Token) -> bool:
    """Whether the token's first byte goes on with a character that an earlier token began."""
    return token.bytes[:1] != b"" and 0x80 <= token.bytes[0] < 0xC0


def last_logits(model: Any, example: Example) -> Tensor:
    """The model's logits after the features, [1, vocabulary]."""
    ids = torch.tensor([example.given], device=model.device)
    logits: Tensor = model(input_ids=ids, use_cache=False, logits_to_keep=1).logits
    return logits[0, -1:].float()


def loss_of(logits: Tensor, example: Example) -> Tensor:
    """The example's error, -log p(label), in nats."""
    return nn.functional.cross_entropy(logits, torch.tensor([example.label.id], device=logits.device))


def example_loss(model: Any, example: Example) -> Tensor:
    """The error of what the model answers after the features, in nats."""
    return loss_of(last_logits(model, example), example)


@torch.no_grad()
def distribution_of(logits: Tensor, example: Example) -> Distribution:
    """The distribution of such logits, with the label as what follows.

    Raises:
        TraceError: they are not finite.
    """
    check_finite(logits)
    label = torch.tensor([example.label.id], device=logits.device)
    return Distribution.of(logits.detach(), label, CANDIDATES)


@torch.no_grad()
def distribution(model: Any, example: Example) -> Distribution:
    """The model's distribution after the features, with the label as what follows."""
    return distribution_of(last_logits(model, example), example)


def loss_by_the_model(model: Any, example: Example) -> float:
    """The same error as transformers computes it from labels."""
    ids = torch.tensor([[*example.given, example.label.id]], device=model.device)
    labels = torch.full_like(ids, -100)
    labels[0, -1] = example.label.id
    return float(model(input_ids=ids, labels=labels, use_cache=False).loss)
