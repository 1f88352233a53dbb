"""Every error names the thing, is short, and ends in what to do, whoever raises it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from traced_loops.cli import main

ROOT = Path(__file__).parent.parent
LONGEST = 160  # characters, beside what is quoted
QUOTED = "…"  # stands for a value that the error quotes
SPEAKERS = {"refuse", "fail", "Problem", "_unusable"}
# Their errors are quoted by others, which say what to do: "… is damaged (…): record it again".
INNER = {
    "value_checks.py",
    "field_checks.py",
    "tensor_checks.py",
    "schema.py",
    "provenance_schema.py",
    "facts.py",
}
# These quote an error of ours, or advice.
QUOTES = {
    "the pairs: …", "the texts: …", "--config: …", "a recording's …", "…, loop …, …: …", "--…",
    "… cannot be drawn: …", "… needs about … of memory and … are free; …",
    "… needs about … of disk and … are free at …; …",
}  # fmt: skip
# How advice begins; what stands before it says what is wrong.
VERBS = (
    "accept|add|check|choose|continue|correct|download|draw|free|give|install|leave|let|move|name|open|"
    "pip install|record|remove|rename|run|save|see|set|shorten|split|start|take|try|type|"
    "update|use|write|merge|go|make"
)
ADVICE = re.compile(rf"(?:^|[:;,(] )(?:or )?(?:{VERBS})\b.*$")
DIALECT = re.compile(
    r"\b(?:and the like|unforeseen|likelier|likeliest|told|implausibl\w+|it is no|nothing of|"
    r"goes on from|of ours|whole path|no such|beside)\b"
)


# Raised for programmers, or quoted by an error of ours.
BUILTIN = {"ValueError", "TypeError", "OSError", "RuntimeError", "KeyError", "PydanticCustomError"}


class Message(NamedTuple):
    """An error's words in the code: where, who raises it, and its text with … for what it quotes."""

    place: str
    kind: str
    text: str


def words(node: ast.expr) -> str | None:
    """The text of a literal, with … for each value in it; None for what is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(part.value if isinstance(part, ast.Constant) else QUOTED for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (words(left) or QUOTED) + (words(right) or QUOTED)
    return None


def messages() -> Iterator[Message]:
    for room in ("model_trace", "scenes", "traced_loops"):
        for file in sorted((ROOT / room).rglob("*.py")):
            if file.name in INNER or file.parent.name == "templates":
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                call = node.exc if isinstance(node, ast.Raise) else node
                if not isinstance(call, ast.Call):
                    continue
                kind = getattr(call.func, "id", getattr(call.func, "attr", ""))
                raised = isinstance(node, ast.Raise) and kind.endswith("Error") and kind not in BUILTIN
                if raised or kind in SPEAKERS:
                    texts = [text for text in map(words, call.args) if text]
                    if kind == "Problem":
                        texts = texts[-1:] if len(call.args) == 3 and words(call.args[2]) else []
                    elif kind == "_unusable":
                        texts = []
                    for text in texts[:1]:
                        yield Message(f"{file.relative_to(ROOT)}:{node.lineno}", kind, text)


ALL = list(messages())


def test_the_scan_sees_the_errors() -> None:
    assert len(ALL) > 100
    assert {"TraceError", "OutputError", "PageError", "Problem", "refuse"} <= {each.kind for each in ALL}


@pytest.mark.parametrize("message", ALL, ids=lambda message: message.place)
def test_an_error_names_the_thing_is_short_and_says_what_to_do(message: Message) -> None:
    own = message.text.replace(QUOTED, "")
    assert len(own) <= LONGEST
    assert "\n" not in own
    if own.strip(" :;,-()") and message.text not in QUOTES:  # or else the words are another error's
        assert ADVICE.search(message.text), message.text
        assert not DIALECT.search(message.text), message.text


@pytest.mark.parametrize(
    "typed",
    [
        ("figurs",),
        ("videos", "13"),
        ("figures", "--nonsense"),
        ("figures", "--fps"),
        ("figures", "--fps", "many"),
        ("figures", "--fps", "0"),
        ("figures", "--theme", "neon"),
        ("figures", "--language", "tlh"),
        ("figures", "--cache-size", "-1"),
        ("figures", "--theme", "transparent", "--codec", "av1"),
        ("figures", "--prompt", ""),
        ("figures", "--prompt", "a", "--seed", str(2**65)),
        ("figures", "--prompt", "a", "--temperature", "-1"),
        ("figures", "--prompt", "a", "--top-p", "2"),
        ("figures", "--prompt", "a", "--max-new-tokens", "0"),
        ("figures", "--prompt", "a", "--device", "gpu"),
        ("figures", "--prompt", "a", "--dtype", "int8"),
        ("figures", "--completion", "a"),
        ("figures", "--prompt", "a", "--texts", "b.toml"),
        ("figures", "--prompt", "a", "--model", "./nowhere"),
        ("figures", "--texts", "nowhere.toml"),
        ("videos", "10", "--pairs", "nowhere.tsv"),
        ("videos", "9", "--description", " "),
        ("videos", "1", "--trace", "nowhere.trace"),
        ("videos", "1", "--trace", "nowhere.trace", "--seed", "1"),
        ("videos", "1", "-o", ""),
        ("videos", "1", "-o", "file://x"),
        ("videos", "1", "--config", "nowhere.toml"),
        ("trace", "1"),
        ("verify", "nowhere.trace"),
        ("show", "nowhere.trace"),
        ("page", "-o", "nowhere"),
        ("page", "--host", "hugo", "--open"),
        ("batch", "nowhere.csv"),
        ("batch", "rows.xlsx"),
        ("cache", "--cache", "s3://bucket"),
    ],
    ids=" ".join,
)
def test_a_refusal_says_what_to_do(
    typed: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main.run(list(typed)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    message = line.removeprefix("error: ")
    assert message != line
    assert len(message) <= LONGEST + 60  # with what it quotes of the above
    assert ADVICE.search(message) or "Did you mean" in message or "Choose from" in message, message
    assert not list(tmp_path.iterdir())
