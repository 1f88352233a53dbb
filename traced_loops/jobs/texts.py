"""The default texts of the loops, and how they are read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError, with_config

from model_trace.user_files import UserFileError, read_user_file
from traced_loops.storage.addresses import typed_path

ARTICLE = Path(__file__).with_name("article.toml")
CODE = Path(__file__).with_name("code.toml")


class TextError(ValueError):
    """A file of texts cannot be used; the message is one line that says why."""


def _path(value: object) -> object:
    return typed_path(value) if isinstance(value, str) else value


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Text:
    """A loop's prompt, the continuation if it is given, and how long the model may write if it is not.

    ``article`` says that the text is the article's, so that the picture can say so. Loop 09 takes a
    ``description`` instead of a prompt, loop 10 a file of ``pairs``, beside the file that names it.
    """

    prompt: str = ""
    completion: str | None = None
    max_new_tokens: int | None = None
    article: bool = False
    description: str | None = None
    pairs: Annotated[Path, BeforeValidator(_path)] | None = None


_TEXT = TypeAdapter(Text)


def read_texts(path: Path | None = None) -> dict[str, Text]:
    """Loop number -> its text: the default ones, with those of ``path`` in their place.

    Raises:
        TextError: the file cannot be read or says something no loop knows.
    """
    texts = _read(ARTICLE, None)
    return texts if path is None else texts | _read(path, set(texts))


def _read(path: Path, known: set[str] | None) -> dict[str, Text]:
    try:
        entries = tomllib.loads(read_user_file(path))
    except UserFileError as error:
        raise TextError(f"the texts: {error}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TextError(f"the texts cannot be read from {path}: {error}") from error
    texts = {}
    for number, wishes in entries.items():
        if known is not None and number not in known:
            raise TextError(f"{path}: there is no loop {number}; there are {', '.join(sorted(known))}")
        try:
            text = _TEXT.validate_python(wishes)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise TextError(
                f"{path}, loop {number}, {where}: {first['msg'].removeprefix('Value error, ')}"
            ) from error
        texts[number] = text if text.pairs is None else replace(text, pairs=path.parent / text.pairs)
    return texts


def code_prompt(description: str) -> tuple[str, int]:
    """Loop 09's prompt for a description, and how many tokens may follow it."""
    said = tomllib.loads(CODE.read_text(encoding="utf-8"))
    lines = []
    for example in said["examples"]:
        lines.append(said["description_line"].format(description=example["description"]))
        lines.append(f"{said['code_line']} {example['code']}")
    lines.append(said["description_line"].format(description=" ".join(description.split())))
    return "\n".join([*lines, said["code_line"]]), int(said["max_new_tokens"])
