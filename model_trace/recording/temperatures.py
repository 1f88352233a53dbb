"""One set of logits at several temperatures, and what is written at each by seeded draws."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from model_trace.models.checkpoints import Checkpoint
from model_trace.models.pieces import surfaces, token
from model_trace.recording.distribution import Distribution, check_finite
from model_trace.recording.environment import environment
from model_trace.recording.generation import check_room, end_of_text, prepare
from model_trace.recording.runs import Plan
from model_trace.recording.sizes import portion
from model_trace.recording.spec import RecordingSpec
from model_trace.request import TEMPERATURES
from model_trace.trace import Lane, Temperatures, Token, Trace

NEW_TOKENS = 8
CANDIDATES = 10

Say = Callable[[str], None]


def record_temperatures(
    checkpoint: Checkpoint,
    prompt: str,
    *,
    temperatures: Sequence[float] = TEMPERATURES,
    max_new_tokens: int = NEW_TOKENS,
    seed: int = 0,
    chat: bool = False,
    progress: Say | None = None,
) -> Trace:
    """Run the model on ``prompt`` once, go on at each temperature, and record distributions and draws.

    A lane ends after ``max_new_tokens``, or with the end of text where that is drawn. See ``Temperatures``.

    Raises:
        TraceError: an input cannot be used, or memory is short.
    """
    say = progress or (lambda message: None)
    plan = prepare(checkpoint, prompt, max_new_tokens=max_new_tokens, seed=seed, chat=chat)
    check_room(checkpoint.card, plan, RecordingSpec(tensors=(), lens="none"))
    say("temperatures: reading the prompt")
    cache, logits = _read(checkpoint, plan)
    lanes: list[Lane] = []
    draws: list[_Draw] = []
    for temperature in temperatures:
        say(f"temperatures: writing at {temperature:g}")
        tokens, drawn = _write(checkpoint, plan, copy.deepcopy(cache), logits, temperature)
        lanes.append(Lane(tokens))
        draws += drawn
    arrays = _first_arrays(logits, temperatures) | _draw_arrays(draws)
    tokens = (*plan.encoded.tokens, *lanes[0].tokens)
    ids = {each.id for lane in lanes for each in lane.tokens} | {each.id for each in tokens}
    ids |= {int(id) for name in ("top_ids", "draw_ids", "draw_chosen") for id in np.unique(arrays[name])}
    made = Temperatures(
        prompt=prompt,
        seed=seed,
        chat=chat,
        temperatures=tuple(temperatures),
        max_new_tokens=max_new_tokens,
        lanes=tuple(lanes),
    )
    return Trace(
        model=checkpoint.card,
        parts=(made,),
        tokens=tokens,
        tensors={f"temperatures/{name}": array for name, array in arrays.items()},
        pieces={id: checkpoint.pieces[id] for id in sorted(ids)},
        unavailable={},
        certificate=_certify(checkpoint, plan, made, arrays),
        provenance={
            "model_source": checkpoint.source,
            "drawn": "by a number from torch's generator through the cumulative distribution, most "
            "probable token first",
            **environment(checkpoint),
        },
    )


@dataclass(frozen=True)
class _Draw:
    """A token picked out of a distribution, with its candidates, most probable first."""

    ids: Tensor
    probabilities: Tensor
    rest: float
    number: float
    chosen: int
    rank: int
    probability: float
    below: float


def draw(logits: Tensor, temperature: float, number: float) -> _Draw:
    """Pick the token of ``logits`` [vocabulary] in whose share ``number`` falls.

    Shares are laid from the most probable token on; of equally probable ones the lower id comes first.
    """
    scores, order = (logits.double() / temperature).sort(descending=True, stable=True)
    shares = scores.softmax(-1)
    ends = shares.cumsum(-1)
    # Rounding may end the last share a hair before 1.
    place = min(int(torch.searchsorted(ends, number, right=True)), int((shares > 0).sum()) - 1)
    kept = min(CANDIDATES, len(shares))
    return _Draw(
        ids=order[:kept],
        probabilities=shares[:kept],
        rest=float(shares[kept:].sum()),
        number=number,
        chosen=int(order[place]),
        rank=int((scores > scores[place]).sum()) + 1,
        probability=float(shares[place]),
        below=float(ends[place - 1]) if place else 0.0,
    )


@torch.inference_mode()
def _read(checkpoint: Checkpoint, plan: Plan) -> tuple[Any, Tensor]:
    """The cache after the prompt, and the logits at its last position."""
    ids = [each.id for each in plan.encoded.tokens]
    size = portion(checkpoint.card, plan.capacity)
    cache: Any = None
    for start in range(0, len(ids), size):
        given = torch.tensor([ids[start : start + size]], device=checkpoint.model.device)
        answer = checkpoint.model(input_ids=given, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = answer.past_key_values
    check_finite(answer.logits[0, -1])
    return cache, answer.logits[0, -1].float().cpu()


@torch.inference_mode()
def _write(
    checkpoint: Checkpoint, plan: Plan, cache: Any, logits: Tensor, temperature: float
) -> tuple[tuple[Token, ...], list[_Draw]]:
    """Go on from the prompt at a temperature: the tokens, and how each was drawn."""
    numbers = torch.Generator().manual_seed(plan.seed)
    ending = end_of_text(checkpoint)
    ids: list[int] = []
    drawn: list[_Draw] = []
    for step in range(plan.limit):
        drawn.append(draw(logits, temperature, float(torch.rand((), generator=numbers))))
        ids.append(drawn[-1].chosen)
        if ids[-1] in ending or step == plan.limit - 1:
            break
        given = torch.tensor([[ids[-1]]], device=checkpoint.model.device)
        answer = checkpoint.model(input_ids=given, past_key_values=cache, use_cache=True)
        cache, logits = answer.past_key_values, answer.logits[0, -1].float().cpu()
        check_finite(logits)
    shown = ids[:-1] if ids[-1] in ending else ids
    texts = surfaces(checkpoint.tokenizer, [each.id for each in plan.encoded.tokens], shown)
    tokens = [token(checkpoint.pieces, id, "generated", text) for id, text in zip(shown, texts, strict=True)]
    if len(shown) < len(ids):
        tokens.append(replace(token(checkpoint.pieces, ids[-1], "special"), surface=""))
    return tuple(tokens), drawn


def _first_arrays(logits: Tensor, temperatures: Sequence[float]) -> dict[str, npt.NDArray[Any]]:
    """The prompt's own logits at each temperature."""
    scaled = logits / torch.tensor(temperatures)[:, None]
    best = torch.full((len(temperatures),), int(logits.argmax()))
    found = Distribution.of(scaled, best, CANDIDATES)
    ids = found.ids[0]
    return {
        "logits": logits.numpy(),
        "top_ids": ids.int().numpy(),
        "top_logits": logits[ids].numpy(),
        "top_probabilities": scaled.softmax(-1)[:, ids].numpy(),
        "rest_probability": found.rest.numpy(),
        "entropy": found.entropy.numpy(),
        "log_sum_exp": scaled.double().logsumexp(-1).float().numpy(),
    }


def _draw_arrays(draws: Sequence[_Draw]) -> dict[str, npt.NDArray[Any]]:
    def column(name: str, kind: str) -> npt.NDArray[Any]:
        return np.array([getattr(each, name) for each in draws], kind)

    return {
        "draw_ids": torch.stack([each.ids for each in draws]).int().numpy(),
        "draw_probabilities": torch.stack([each.probabilities for each in draws]).float().numpy(),
        "draw_rest": column("rest", "f4"),
        "draw_number": column("number", "f4"),
        "draw_chosen": column("chosen", "i4"),
        "draw_rank": column("rank", "i4"),
        "draw_probability": column("probability", "f4"),
        "draw_below": column("below", "f4"),
    }


@torch.inference_mode()
def _certify(
    checkpoint: Checkpoint, plan: Plan, made: Temperatures, arrays: dict[str, npt.NDArray[Any]]
) -> dict[str, Any]:
    """What each lane's text gives in a single forward without a cache, against what was recorded.

    Rounding differs there, so errors are small, not 0. A text too long for one forward is not compared.
    """
    given = [each.id for each in plan.encoded.tokens]
    if len(given) + made.max_new_tokens > portion(checkpoint.card, plan.capacity):
        return {"one_forward_probability_max_error": None, "logits_max_relative_error": None}
    worst = logits_error = 0.0
    for number, (lane, temperature) in enumerate(zip(made.lanes, made.temperatures, strict=True)):
        ids = torch.tensor(
            [[*given, *(each.id for each in lane.tokens[:-1])]], device=checkpoint.model.device
        )
        answer = checkpoint.model(input_ids=ids, use_cache=False, logits_to_keep=len(lane.tokens)).logits[0]
        answer = answer.float().cpu()
        recorded = torch.from_numpy(arrays["logits"])
        error = float((answer[0] - recorded).nan_to_num(0).abs().max() / recorded.abs().max())
        logits_error = max(logits_error, error)
        shares = (answer.double() / temperature).softmax(-1)
        rows = made.rows(number)
        chosen = torch.from_numpy(arrays["draw_chosen"][rows.start : rows.stop]).long()[:, None]
        own = torch.from_numpy(arrays["draw_probability"][rows.start : rows.stop]).double()
        worst = max(worst, float((shares.gather(-1, chosen)[:, 0] - own).abs().max()))
    return {"one_forward_probability_max_error": worst, "logits_max_relative_error": logits_error}
