"""09 shows the prompt's examples, the line of code that was written, and what that line is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from model_trace.trace import Token, Trace, TraceError
from scenes.s09_react_code.content import content

if TYPE_CHECKING:
    from model_trace.models.checkpoints import Checkpoint

PROMPT = """description: a blue button that says hello
code: <button style={{background: 'blue'}}>hello</button>
description: a large heading that says welcome
code: <h1>welcome</h1>
description: a red button that says stop
code:"""


@pytest.fixture(scope="module")
def code(embedded: Checkpoint) -> Trace:
    from model_trace.recording import generation

    return generation.record(embedded, PROMPT, max_new_tokens=24)


def written(trace: Trace, *texts: str) -> Trace:
    """The trace as if these tokens had been written, with the recorded numbers of others."""
    tokens = [Token(0, text, text.encode(), "generated") for text in texts]
    return replace(trace, tokens=(*trace.tokens[: trace.prompt_length], *tokens))


def prompted(trace: Trace, prompt: str) -> Trace:
    return replace(trace, parts=(replace(trace.generation, prompt=prompt),))


def test_the_model_really_writes_a_red_button(code: Trace) -> None:
    said = content(code)
    assert "".join(piece.text for piece in said.code).strip() == (
        "<button style={{background: 'red'}}>stop</button>"
    )
    assert said.preview is not None
    assert (said.preview.tag, said.preview.text, said.preview.background) == ("button", "stop", "#FF0000")


def test_examples_and_description_are_the_prompts(code: Trace) -> None:
    said = content(code)
    lines = [f"description: {pair.description}\ncode: {pair.code}" for pair in said.examples]
    assert "\n".join([*lines, f"description: {said.description}", "code:"]) == PROMPT


def test_each_token_has_its_recorded_probability(code: Trace) -> None:
    said = content(code)
    for place, piece in enumerate(said.code):
        row = code.prompt_length + place - 1
        assert piece.probability is not None
        assert piece.probability.number == float(code.values("generation/next_probability", row))


def test_new_words_are_tied_to_the_code(code: Trace) -> None:
    """Those that no example has; a word of two tokens is tied to its last one."""
    said = content(code)
    assert [(said.description[tie.start : tie.end], said.code[tie.token].text) for tie in said.ties] == [
        ("red", "red"),
        ("stop", "stop"),
    ]
    parted = content(written(code, " <button>", "st", "op", " stopped", "</button>"))
    assert [parted.code[tie.token].text for tie in parted.ties] == ["op"]


def test_what_an_examples_code_takes_up_of_its_description_alone_is_marked(code: Trace) -> None:
    """A button is in two descriptions: it is not marked."""
    for example, words in zip(content(code).examples, (["blue", "hello"], ["welcome"]), strict=True):
        assert [example.description[echo.start : echo.end] for echo in example.echoes] == words
        assert [example.code[slice(*echo.code)] for echo in example.echoes] == words


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        ((" <p>", "x", "</p>", "\n", "more"), (" <p>", "x", "</p>")),
        ((" <p>", "x", "</p>\n", "more"), (" <p>", "x", "</p>\n")),
        (("\n", " <p>", "x</p>"), ("\n", " <p>", "x</p>")),
        ((" <p>", "x", "</p>"), (" <p>", "x", "</p>")),
    ],
)
def test_the_first_line_is_shown(code: Trace, texts: tuple[str, ...], shown: tuple[str, ...]) -> None:
    said = content(written(code, *texts))
    assert tuple(piece.text for piece in said.code) == shown
    assert said.preview is not None and said.preview.text == "x"


@pytest.mark.parametrize(
    "prompt",
    [
        "Hi",
        "code:",
        "description: a button",
        "description: a button\ncode: <b>x</b>",
        "description:\ncode:\ndescription: x\ncode:",
        "code: <b>x</b>\ndescription: a button\ncode:",
    ],
)
def test_another_prompt_is_refused_in_one_line(code: Trace, prompt: str) -> None:
    with pytest.raises(TraceError, match="open “code:”") as refusal:
        content(prompted(code, prompt))
    assert "\n" not in str(refusal.value)


def test_a_description_alone_will_do(code: Trace) -> None:
    said = content(prompted(code, "description: a button\ncode:"))
    assert (said.examples, said.description) == ((), "a button")
