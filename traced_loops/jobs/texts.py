"""Texts of the loops: the default ones, which lie in the loops' folders, and a writer's own."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError, with_config

from model_trace.user_files import UserFileError, read_user_file
from scenes.catalogue import CATALOGUE
from traced_loops.storage.addresses import typed_path

TEXT_FILE, EXAMPLES_FILE = "text.toml", "examples.toml"

_HEAD = """\
# The text of each loop: a prompt and, where the text is given, its completion. Without a completion the model
# writes its own, max_new_tokens long or to the end of the sentence. 09 takes a description of what is to be
# coded, 10 a file of words and their translations; a path is seen from this file's folder. "article" marks a
# text that is the article's; the picture says so. Loops that are left out keep these texts.
"""


def _path(value: object) -> object:
    return typed_path(value) if isinstance(value, str) else value


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Text:
    """A loop's prompt, the continuation if it is given, and how long the model may write if it is not.

    ``article`` says that the text is the article's, so that the picture can say so. A loop of code takes a
    ``description`` instead of a prompt, a loop of fine-tuning a file of ``pairs``.
    """

    prompt: str = ""
    completion: str | None = None
    max_new_tokens: int | None = None
    article: bool = False
    description: str | None = None
    pairs: Annotated[Path | None, BeforeValidator(_path)] = None


_TEXT = TypeAdapter(Text)


def read_texts(path: Path | None = None) -> dict[str, Text]:
    """Return each loop's text by its number: the default ones, or those of the file ``path`` in their place.

    Raises:
        UserFileError: the file cannot be read, or has a key or value that a text does not have.
    """
    texts = {}
    for entry in CATALOGUE:
        file = entry.folder / TEXT_FILE
        texts[entry.number] = _text(_toml(file), file, str(file))
    if path is None:
        return texts
    for number, values in _toml(path).items():
        if number not in texts:
            raise UserFileError(f"{path}: there is no loop {number}: choose from {', '.join(sorted(texts))}")
        texts[number] = _text(values, path, f"{path}, loop {number}")
    return texts


def texts_as_toml() -> str:
    """Return all default texts as one file, which ``read_texts`` reads back to the same."""
    lines = [_HEAD]
    for number, text in read_texts().items():
        values = {name: value for name, value in asdict(text).items() if value not in (None, "", False)}
        lines += [f"[{number}]", *(f"{name} = {_toml_value(value)}" for name, value in values.items()), ""]
    return "\n".join(lines)


def code_prompt(description: str) -> tuple[str, int]:
    """Return the prompt that asks for the code of a description, and how many tokens may follow it."""
    folder = next(entry.folder for entry in CATALOGUE if entry.needs == "code")
    form = tomllib.loads((folder / EXAMPLES_FILE).read_text(encoding="utf-8"))
    lines = []
    for example in form["examples"]:
        lines.append(form["description_line"].format(description=example["description"]))
        lines.append(f"{form['code_line']} {example['code']}")
    lines.append(form["description_line"].format(description=" ".join(description.split())))
    return "\n".join([*lines, form["code_line"]]), int(form["max_new_tokens"])


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_user_file(path))
    except UserFileError as error:
        raise UserFileError(f"the texts: {error}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserFileError(f"the texts cannot be read from {path} ({error}): correct the file") from error


def _text(values: object, path: Path, where: str) -> Text:
    """Return the text that stands in the file ``path``; its own paths are seen from there."""
    try:
        text = _TEXT.validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise UserFileError(f"{where}, {key}: {first['msg'].removeprefix('Value error, ')}") from error
    return text if text.pairs is None else replace(text, pairs=path.parent / text.pairs)


def _toml_value(value: object) -> str:
    """Return a text, number, truth or path as TOML writes it: as JSON does, but for one character."""
    written = json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
    return written.replace("\x7f", "\\u007f")
