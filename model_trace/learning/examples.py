"""Words and their translations as lessons: written as prompts, taken to the model in batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from model_trace.models.checkpoints import Checkpoint
from model_trace.models.pieces import encode, surfaces
from model_trace.trace import Pair, Token

PROMPT = "English: {english}\nFrench:"
ANSWER = " {french}\n"


@dataclass(frozen=True)
class FineTuningExample:
    """A pair as tokens: those given to the model, and from ``start`` on those it is to answer."""

    tokens: tuple[Token, ...]
    start: int

    @property
    def ids(self) -> list[int]:
        return [token.id for token in self.tokens]


def lesson(checkpoint: Checkpoint, pair: Pair) -> FineTuningExample:
    """The pair in ``PROMPT`` and ``ANSWER``; what the tokenizer adds after the text is left off."""
    prompt = PROMPT.format(english=pair.english)
    encoded = encode(checkpoint.tokenizer, checkpoint.pieces, prompt, ANSWER.format(french=pair.french))
    given = [place for place, token in enumerate(encoded.tokens) if token.role == "given"]
    return FineTuningExample(encoded.tokens[: given[-1] + 1], given[0])


@dataclass(frozen=True)
class Answers:
    """What a model says where lessons are to be answered: ``logits`` [A, vocabulary], ``labels`` [A].

    ``lessons`` [A]: whose answer token each is.
    """

    logits: Tensor
    labels: Tensor
    lessons: Tensor

    def loss(self) -> Tensor:
        """The mean over answer tokens, in nats."""
        return torch.nn.functional.cross_entropy(self.logits, self.labels)

    def losses(self) -> Tensor:
        """Each lesson's mean, in nats [lessons]."""
        each = torch.nn.functional.cross_entropy(self.logits, self.labels, reduction="none")
        count = int(self.lessons.max()) + 1
        sums = torch.zeros(count, dtype=each.dtype).index_add_(0, self.lessons, each.cpu())
        return sums / self.lessons.bincount()


def answers(model: Any, lessons: list[FineTuningExample]) -> Answers:
    """One forward of all lessons, padded on the right, where a causal model does not look."""
    first = min(each.start for each in lessons) - 1
    ids = padded([each.ids for each in lessons])
    # The last token is not fed: nothing follows it. Only columns that answer need logits.
    logits = model(
        input_ids=ids[:, :-1].to(model.device), use_cache=False, logits_to_keep=ids.shape[1] - 1 - first
    ).logits
    places = [
        (row, column) for row, each in enumerate(lessons) for column in range(each.start, len(each.tokens))
    ]
    rows, columns = torch.tensor(places).T
    return Answers(logits[rows, columns - 1 - first].float(), ids[rows, columns].to(logits.device), rows)


@torch.no_grad()
def write(model: Any, checkpoint: Checkpoint, lessons: list[FineTuningExample], limit: int) -> list[str]:
    """What the model writes by itself, greedily, up to the line's end or ``limit`` tokens."""
    texts = [each.ids[: each.start] for each in lessons]
    written: list[list[int]] = [[] for _ in lessons]
    # Texts of one length go together, so that none is padded.
    for length in {len(ids) for ids in texts}:
        rows = [row for row, ids in enumerate(texts) if len(ids) == length]
        given, cache = torch.tensor([texts[row] for row in rows]), None
        for _ in range(limit):
            answer = model(
                input_ids=given.to(model.device), past_key_values=cache, use_cache=True, logits_to_keep=1
            )
            cache, chosen = answer.past_key_values, answer.logits[:, -1].argmax(-1)
            for row, id in zip(rows, chosen.tolist(), strict=True):
                written[row].append(id)
            if all(_has_ended(checkpoint, written[row]) for row in rows):
                break
            given = chosen[:, None]
    answers = [
        "".join(surfaces(checkpoint.tokenizer, ids, more)) for ids, more in zip(texts, written, strict=True)
    ]
    return [answer.split("\n")[0].strip() for answer in answers]


def _has_ended(checkpoint: Checkpoint, ids: list[int]) -> bool:
    """Whether the line of an answer has ended."""
    return b"\n" in b"".join(checkpoint.pieces[id] for id in ids).strip(b" ")


def padded(rows: list[list[int]]) -> Tensor:
    """Ids of different lengths as one tensor, filled up with their own first."""
    longest = max(len(ids) for ids in rows)
    return torch.tensor([ids + ids[:1] * (longest - len(ids)) for ids in rows])
