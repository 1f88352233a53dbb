"""The options that several commands share, each a field with its default and help."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import typer
from typer.models import OptionInfo

from model_trace import files
from traced_loops.cli import console
from traced_loops.storage.places import PathError, Place, Remote, typed_path, typed_place

# Options that take several values; a number after them is a loop's.
_SEVERAL = ("--language", "--theme", "--also")
_VALUE = re.compile(r"\w[\w,-]*")
_LOOP = re.compile(r"[fF]?\d+")


@dataclass(frozen=True)
class Recording:
    """What to record."""

    prompt: Annotated[
        str | None, typer.Option(help="Text for every loop; default: the article's, loop by loop.")
    ] = None
    completion: Annotated[str | None, typer.Option(help="The text that follows, if it is given.")] = None
    chat: Annotated[
        bool,
        typer.Option(
            "--chat", help="Put the prompt into the model's own chat template, as a question to answer."
        ),
    ] = False
    description: Annotated[str | None, typer.Option(help="What loop 09 is to write the code of.")] = None
    pairs: Annotated[
        Path | None,
        typer.Option(help="File of words and translations for loop 10: English, tab, French."),
    ] = None
    texts: Annotated[
        Path | None,
        typer.Option(help="TOML file of texts, loop by loop; see traced_loops/jobs/article.toml."),
    ] = None
    model: Annotated[
        str | None, typer.Option(help="Folder or hub id of a model; default: the embedded one.")
    ] = None
    device: Annotated[
        str | None,
        typer.Option(help="Where the model runs: cpu, cuda, cuda:N, mps; default: a GPU if there is one."),
    ] = None
    dtype: Annotated[
        str | None,
        typer.Option(help="What the model computes in: float32 (default), bfloat16 or float16."),
    ] = None
    seed: Annotated[
        int, typer.Option(help="Seed of all draws: tokens, random parameters, order of training.")
    ] = 0
    temperature: Annotated[
        float, typer.Option(help="0 takes the likeliest token, above 0 draws.", min=0.0)
    ] = 0.0
    top_p: Annotated[
        float, typer.Option(help="Draw from the likeliest tokens that together have this probability.")
    ] = 1.0
    max_new_tokens: Annotated[
        int | None,
        typer.Option(
            help="Tokens to write; default: to the end of the sentence, at most 8, or 32 with --chat.", min=1
        ),
    ] = None


@dataclass(frozen=True)
class Caching:
    """Where recordings and drawn loops are kept for later runs, and how much of them."""

    cache: Annotated[
        Place | None,
        typer.Option(
            help="Folder that keeps recordings and drawn loops; default: the user's cache. An address "
            "(s3://bucket/prefix) keeps drawn loops."
        ),
    ] = None
    cache_size: Annotated[
        str,
        typer.Option(metavar="GB", help="How much it keeps, of what was used last; 0 keeps nothing new."),
    ] = f"{files.DEFAULT_BYTES / 1e9:g}"

    @property
    def cache_folder(self) -> Place | None:
        """The folder of recordings and drawn loops, None for the user's own."""
        return self.cache

    @property
    def cache_bytes(self) -> int:
        """How much is kept on a disk.

        Raises:
            CacheError: the size is no such number.
        """
        return files.gigabytes(self.cache_size)


@dataclass(frozen=True)
class Drawing(Caching):
    """What to draw from, how, and where to."""

    trace: Annotated[Path | None, typer.Option(help="Draw from this recording; no model is run.")] = None
    subject: Annotated[
        str | None,
        typer.Option(
            help="Whose name and figures the loops give: gpt3 or model, the traced one; default: GPT-3's for "
            "the default texts, the model's for any text or model of yours."
        ),
    ] = None
    language: Annotated[
        str, typer.Option(help="Language of the words; several (en de, en pt_BR) go into a folder each.")
    ] = "en"
    theme: Annotated[
        str,
        typer.Option(
            help="light, dark, or transparent: light without a background, for slides on light grounds; of "
            "several (light dark) the second goes into a folder inside."
        ),
    ] = "light"
    quality: Annotated[
        str,
        typer.Option("--quality", "-q", help="l 854x480, m 1280x720, h 1920x1080, p 2560x1440, k 3840x2160."),
    ] = "h"
    fps: Annotated[
        int | None, typer.Option(help="Frames per second; default: 30, 15 for l.", min=1, max=120)
    ] = None
    output: Annotated[
        Place,
        typer.Option("--output", "-o", help="Folder for the files; also s3://bucket/prefix and the like."),
    ] = Path("output")
    also: Annotated[str, typer.Option(help="Further formats of each loop: mp4, webp, gif.")] = ""
    codec: Annotated[
        str,
        typer.Option(
            help="vp9 plays everywhere, av1 (no smaller in a draft) does not, lossless is for editing."
        ),
    ] = "vp9"
    reference: Annotated[
        bool,
        typer.Option("--reference", help="Draw every frame with Manim's own camera: slow, to compare with."),
    ] = False
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", help="Loops drawn side by side; default: one per core.", min=1),
    ] = None
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Draw again what is already there; replace files that are not ours or were changed since.",
        ),
    ] = False

    @property
    def folder(self) -> Place:
        """The folder for the files."""
        return self.output


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each parameter that is a dataclass of options replaced by those options.

    Typer reads paths as texts; here they become what the user meant, or are refused.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: kind for name, kind in hints.items() if is_dataclass(kind)}
    flat: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name not in groups:
            flat.append(parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        kinds = get_type_hints(groups[name], include_extras=True)
        # a group's own options come before those that it shares with others
        own = groups[name].__annotations__
        flat += [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default,
                annotation=kinds[field.name],
            )
            for field in sorted(fields(groups[name]), key=lambda field: field.name not in own)
        ]
    readers = {each.name: reader for each in flat if (reader := _reader(each.annotation))}
    shown = {each.name: _shown(each) for each in flat}

    @wraps(command)
    def spread_command(**given: Any) -> None:
        for name, read in readers.items():
            if given[name] is not None:
                try:
                    given[name] = read(given[name])
                except PathError as error:
                    console.refuse(f"{shown[name]}: {error}")
        for name, kind in groups.items():
            given[name] = kind(**{field.name: given.pop(field.name) for field in fields(kind)})
        command(**given)

    # Typer asks for the signature, and for the annotations apart
    flat = [_as_text(each) if each.name in readers else each for each in flat]
    spread_command.__signature__ = inspect.Signature(flat)  # type: ignore[attr-defined]
    spread_command.__annotations__ = {parameter.name: parameter.annotation for parameter in flat}
    return spread_command


def _reader(annotation: Any) -> Callable[[str], Place] | None:
    """What makes a path or an address of the option's text; None where it is no path."""
    kinds = get_args(get_args(annotation)[0]) or get_args(annotation)[:1]
    if Remote in kinds:
        return typed_place
    return typed_path if Path in kinds else None


def _shown(parameter: inspect.Parameter) -> str:
    """The parameter as the user knows it: ``--name``, or an argument's NAME."""
    is_option = isinstance(get_args(parameter.annotation)[1], OptionInfo)
    return f"--{parameter.name.replace('_', '-')}" if is_option else parameter.name.upper()


def _as_text(parameter: inspect.Parameter) -> inspect.Parameter:
    """The parameter of a path as Typer should ask for it."""
    kind, option = get_args(parameter.annotation)
    if isinstance(option, OptionInfo):
        option = copy(option)
        option.metavar = "<path>"
    text: Any = str | None if type(None) in get_args(kind) else str
    default = str(parameter.default) if isinstance(parameter.default, Path) else parameter.default
    return parameter.replace(annotation=Annotated[text, option], default=default)


def joined(arguments: list[str]) -> list[str]:
    """Return the arguments with ``--language en pt_BR`` as the parser knows it: ``--language en,pt_BR``.

    What follows such an option is another value if it is a word; a number or figure is a loop's.
    """
    joined: list[str] = []
    option = value = False  # whether the last argument was such an option, or a value of it
    for argument in arguments:
        if value and _VALUE.fullmatch(argument) and not _LOOP.fullmatch(argument):
            joined[-1] += f",{argument}"
            continue
        joined.append(argument)
        value = option or argument.startswith(tuple(f"{each}=" for each in _SEVERAL))
        option = argument in _SEVERAL
    return joined
