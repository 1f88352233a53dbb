"""What loop 11 shows, chosen from a trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model_trace.trace import Trace, TraceError
from scenes.attention import HeadWeight, strongest_heads
from scenes.display_token import DisplayToken, TextSource, display_token, text_source
from scenes.facts import GPT3, Subject
from scenes.traced_value import Source, TracedValue, recorded
from scenes.vectors import evenly

_HEADS, _CELLS = 2, 8  # drawn: heads, values of a vector
_LOW, _TWICE = 100, 2  # a place that is far down; how much further a place goes where it climbs
_TOKENS, _FEWER = 6, 5  # drawn of the prompt: all of a short one, fewer of a longer one, which is cut anyway


@dataclass(frozen=True)
class Head:
    """One attention head, counted from 1 as its layer is, and what the last token looks at in it.

    ``key`` is the place, among the drawn tokens, of the one it looks at hardest, and ``weight`` says how
    hard. ``values`` are some of the values that the key lends.
    """

    layer: int
    head: int
    key: int
    weight: TracedValue
    values: TracedValue


@dataclass(frozen=True)
class Content:
    """The prompt's drawn tokens with their ``positions``, two heads, and the answer's place by layer.

    ``places`` has one for the embedding and one for each layer after it. ``length`` are the prompt's tokens.
    """

    model: str
    subject: str
    text_source: TextSource
    tokens: tuple[DisplayToken, ...]
    positions: tuple[int, ...]
    length: int
    heads: tuple[Head, ...]
    places: tuple[TracedValue, ...]
    vocabulary: TracedValue
    answer: DisplayToken


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content: the two heads with the strongest weights, in the order of their layers.

    Raises:
        TraceError: the prompt has fewer than three tokens, or no attention of its last one was recorded.
    """
    asker = trace.prompt_length - 1
    strongest = strongest_heads(trace, asker)[:_HEADS]
    if not strongest:
        raise TraceError("attention looks back over a prompt of at least three tokens; give a longer one")
    shown = _shown(asker, [each.key for each in strongest])
    positions = [int(position) for position in trace.values("generation/lens_positions")]
    if asker not in positions:
        raise TraceError("the recording's logit lens lacks the prompt's last token: record it again")
    column = positions.index(asker)
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source=text_source(trace, article),
        tokens=tuple(display_token(trace, position) for position in shown),
        positions=shown,
        length=trace.prompt_length,
        heads=tuple(
            _head(trace, each, shown) for each in sorted(strongest, key=lambda each: (each.layer, each.head))
        ),
        places=tuple(
            recorded(trace, "colour", Source("generation/lens_next_rank", (depth, column)))
            for depth in range(trace.model.layers + 1)
        ),
        vocabulary=recorded(trace, "integer", Source("model.vocabulary", ())),
        answer=display_token(trace, asker + 1),
    )


def far_down(content: Content) -> bool:
    """Whether the answer stays far down up to the layer of the first head of several."""
    early = content.heads[0].layer
    return len(content.heads) > 1 and all(place.number > _LOW for place in content.places[: early + 1])


def climbs(content: Content) -> bool:
    """Whether the answer goes up in the last head's layer, much more than in the first one's, and on."""

    def gain(head: Head) -> float:
        return content.places[head.layer - 1].number / content.places[head.layer].number

    first, last = content.heads[0], content.heads[-1]
    up = first.layer < last.layer and gain(last) >= _TWICE * max(1, gain(first))
    return up and content.places[-1].number <= content.places[last.layer].number


def _shown(asker: int, keys: Sequence[int]) -> tuple[int, ...]:
    """Which tokens are drawn: the last one, what it looks at, the first one, and others from the end."""
    order = dict.fromkeys([asker, *keys, 0, *range(asker - 1, 0, -1)])
    return tuple(sorted(list(order)[: _TOKENS if asker < _TOKENS else _FEWER]))


def _head(trace: Trace, weight: HeadWeight, shown: tuple[int, ...]) -> Head:
    cells = evenly(trace.tensor("generation/v").shape[-1], _CELLS)
    shared = weight.head * trace.model.key_value_heads // trace.model.heads
    return Head(
        layer=weight.layer + 1,
        head=weight.head + 1,
        key=shown.index(weight.key),
        weight=recorded(trace, "percent", weight.weight),
        values=recorded(trace, "colour", Source("generation/v", (weight.layer, weight.key, shared, cells))),
    )
