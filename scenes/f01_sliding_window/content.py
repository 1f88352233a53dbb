"""What figure f01 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace, TraceError
from scenes.display_token import DisplayToken, TextSource, label_token, text_of, text_source, token_text
from scenes.facts import GPT3, Subject

_WIDEST, _EXAMPLES = 5, 3


@dataclass(frozen=True)
class Example:
    """The tokens before the window, those in it (the features), and the next one (the label)."""

    passed: tuple[DisplayToken, ...]
    features: tuple[DisplayToken, ...]
    label: DisplayToken


@dataclass(frozen=True)
class Content:
    """A text, the first examples that a window of ``window`` tokens gives, and how many ``more`` it does.

    ``parts`` are the text in the first window, that of the next token, and what follows.
    """

    model: str
    subject: str
    text_source: TextSource
    text: str
    parts: tuple[str, str, str]
    window: int
    examples: tuple[Example, ...]
    more: int


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the figure's content; the special tokens that the tokenizer adds are left out.

    The window takes five tokens, and fewer where the text would not give three examples otherwise.

    Raises:
        TraceError: the text is shorter than two tokens.
    """
    places = [place for place, token in enumerate(trace.tokens) if token.role not in ("special", "template")]
    if len(places) < 2:
        raise TraceError("a training example takes a text of at least two tokens; give it a continuation")
    window = max(1, min(_WIDEST, len(places) - _EXAMPLES))
    count = len(places) - window
    examples = tuple(
        Example(
            passed=tuple(_feature(trace, place) for place in places[:start]),
            features=tuple(_feature(trace, place) for place in places[start : start + window]),
            label=label_token(trace, places[start + window]),
        )
        for start in range(min(_EXAMPLES, count))
    )
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source=text_source(trace, article),
        text=text_of(trace.tokens),
        parts=(
            text_of(trace.tokens[place] for place in places[:window]),
            text_of([trace.tokens[places[window]]]),
            text_of(trace.tokens[place] for place in places[window + 1 :]),
        ),
        window=window,
        examples=examples,
        more=count - len(examples),
    )


def _feature(trace: Trace, place: int) -> DisplayToken:
    """A token as input, whoever wrote it."""
    return DisplayToken(token_text(trace, place), "input", surface=trace.tokens[place].surface)
