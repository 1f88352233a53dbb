"""Figure 1 cuts a text into the examples that a window over it gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from model_trace.trace import Token, Trace, TraceError
from scenes.f01_sliding_window.content import content


def of_tokens(trace: Trace, count: int) -> Trace:
    """The trace as if its text had so many tokens, after one that the tokenizer adds."""
    roles = ["special", *["prompt"] * (count - 1), "given"]
    tokens = [Token(0, f"t{n}", f"t{n}".encode(), role) for n, role in enumerate(roles)]  # type: ignore[arg-type]
    return replace(trace, tokens=tuple(tokens))


@pytest.mark.parametrize(
    ("count", "window", "examples", "more"),
    [(2, 1, 1, 0), (3, 1, 2, 0), (4, 1, 3, 0), (7, 4, 3, 0), (8, 5, 3, 0), (9, 5, 3, 1), (80, 5, 3, 72)],
)
def test_windows_give_examples(count: int, window: int, examples: int, more: int, given: Trace) -> None:
    said = content(of_tokens(given, count))
    assert (said.window, len(said.examples), said.more) == (window, examples, more)
    names = [f"t{n}" for n in range(1, count + 1)]
    assert said.text == "".join(names)
    for start, example in enumerate(said.examples):
        assert [piece.text for piece in example.passed] == names[:start]
        assert [piece.text for piece in example.features] == names[start : start + window]
        assert example.label.text == names[start + window]
        assert example.label.part == "label"
        assert {piece.part for piece in example.features} == {"input"}


def test_tokens_are_the_texts(given: Trace) -> None:
    said = content(given)
    assert said.text == "A robot must obey orders."
    shown = [piece for example in said.examples for piece in (*example.features, example.label)]
    for piece in shown:
        source = piece.shown.origin.sources[0]  # type: ignore[union-attr]
        assert given.tokens[source.index[0]].text == piece.text  # type: ignore[call-overload]


def test_one_token_gives_no_example(given: Trace) -> None:
    with pytest.raises(TraceError, match="at least two tokens"):
        content(replace(given, tokens=given.tokens[:1]))
