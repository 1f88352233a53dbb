"""Options from environment variables and TOML files, beneath those of the command line.

The command line overrides ``TRACED_LOOPS_*`` variables, these override the file named by ``--config``, and
that overrides ``traced-loops.toml`` in the working folder.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from cyclopts import App, Token
from cyclopts.argument import Argument, ArgumentCollection

from model_trace.errors import UserError
from traced_loops.cli.console import echo
from traced_loops.jobs.options import RecordingOptions
from traced_loops.storage.addresses import PathError, typed_path

PREFIX = "TRACED_LOOPS_"
FILE_NAME = "traced-loops.toml"
LARGEST = 2**20  # bytes of a file of options
# A folder may come from somebody else, so its file decides neither whose code runs nor what is overwritten.
NOT_FROM_A_FOLDER = ("model", "output", "cache", "cache-size", "trace", "cluster", "force", "config")
# Texts that replace each other: one that is given overrides the others where they come from further below.
_RECORDED = tuple(field.name.replace("_", "-") for field in fields(RecordingOptions))
_INSTEAD_OF = {"trace": _RECORDED, "prompt": ("completion", "texts"), "texts": ("prompt", "completion")}


class ConfigError(UserError):
    """A file of options cannot be used; the message is one line that says what to change."""


@dataclass(frozen=True)
class Layer:
    """Options from one place: by name, their values as they would be typed."""

    source: str
    values: dict[str, tuple[str, ...]]


def fill(app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Give each option that the command line leaves open its value from a variable or a file.

    Raises:
        ConfigError: a file cannot be read, or holds a key that is no option.
    """
    options = {argument.name.removeprefix("--"): argument for argument in _options(arguments)}
    for layer in list(_variables(options)):
        _apply(layer, options)
    if "config" in options:
        _apply_files(app, options)
    if "verbose" in options and any(token.value != "false" for token in options["verbose"].tokens):
        for name, source in _sources(options.values()):
            echo(f"{name} from {source}", err=True)


def _apply_files(app: App, options: dict[str, Argument]) -> None:
    known = frozenset(_known(app))
    for token in options["config"].tokens:
        try:
            file = typed_path(token.value)
        except PathError as error:
            raise ConfigError(f"--config: {error}") from error
        _apply(_read(file, known), options)
    here = Path(FILE_NAME)
    if here.exists():
        layer = _read(here, known)
        for name in layer.values:
            if name in NOT_FROM_A_FOLDER:
                raise ConfigError(
                    f"{FILE_NAME} of this folder may not set {name}: type --{name}, or give a --config file"
                )
        _apply(layer, options)


def _sources(arguments: Iterable[Argument]) -> Iterator[tuple[str, str]]:
    """Return each option that a variable or a file gives, and which."""
    for argument in arguments:
        for token in argument.tokens[:1]:
            if token.source not in ("", "cli"):
                yield argument.name, token.source


def _options(arguments: Iterable[Argument]) -> Iterator[Argument]:
    for argument in arguments:
        if argument.name.startswith("--") and argument.parse and not argument.children:
            yield argument


def _known(app: App) -> Iterator[str]:
    """Yield every option of every command, without its dashes."""
    root = app.app_stack.current_frame[0]
    for name in root:
        if not name.startswith("-"):
            for argument in _options(root[name].assemble_argument_collection()):
                yield argument.name.removeprefix("--")


def _apply(layer: Layer, options: dict[str, Argument]) -> None:
    overridden = {
        other
        for name, others in _INSTEAD_OF.items()
        if name in options and options[name].tokens
        for other in others
    }
    for name, values in layer.values.items():
        if name in options and name not in overridden and not options[name].tokens:
            for place, value in enumerate(values):
                options[name].append(
                    Token(keyword=f"--{name}", value=value, source=layer.source, index=place)
                )


def _variables(options: Iterable[str]) -> Iterator[Layer]:
    for name in options:
        variable = PREFIX + name.upper().replace("-", "_")
        if value := os.environ.get(variable):
            yield Layer(variable, {name: (value,)})


def _read(file: Path, known: frozenset[str]) -> Layer:
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ConfigError(f"{file} is larger than 1 MB: name a smaller file of options")
        table = tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}): name a TOML file of options") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f'{file} is not TOML ({error}): write lines such as theme = "dark"') from error
    values: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        name = key.replace("_", "-")
        if name not in known or name == "config":
            raise ConfigError(
                f"{file}: there is no option {key!r}; {_near(name, known)}: correct or remove it"
            )
        values[name] = tuple(_typed(file, key, value))
    return Layer(str(file), values)


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]!r}?" if near else "traced-loops all --help lists them"


def _typed(file: Path, key: str, value: Any) -> Iterator[str]:
    """Yield the value, or those of a list, as they would be typed."""
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, str | int | float):
            raise ConfigError(f"{file}: {key} is no text, number or list of them: write {key} = …")
        yield str(each).lower() if isinstance(each, bool) else str(each)
