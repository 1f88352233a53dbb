"""The options that several commands share, each a field with its default and help."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from traced_loops.storage.places import Place, place

# Options that take several values; a number after them is a loop's.
_SEVERAL = ("--language", "--theme", "--also")


@dataclass(frozen=True)
class Recording:
    """What to record."""

    prompt: Annotated[
        str | None, typer.Option(help="Text for every loop; default: the article's, loop by loop.")
    ] = None
    completion: Annotated[str | None, typer.Option(help="The text that follows, if it is given.")] = None
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
        int | None, typer.Option(help="Tokens to write; default: 8 or to the end of the sentence.", min=1)
    ] = None


@dataclass(frozen=True)
class Drawing:
    """What to draw from, how, and where to."""

    trace: Annotated[Path | None, typer.Option(help="Draw from this recording; no model is run.")] = None
    subject: Annotated[
        str, typer.Option(help="Whose figures are told: gpt3, or model for the traced one's.")
    ] = "gpt3"
    language: Annotated[
        str, typer.Option(help="Language of the words; several (en de) go into a folder each.")
    ] = "en"
    theme: Annotated[
        str,
        typer.Option(
            help="light, dark, both (light dark: the second in a folder of its own), or transparent: light "
            "without a background, for slides on light grounds."
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
        str,
        typer.Option("--output", "-o", help="Folder for the files; also s3://bucket/prefix and the like."),
    ] = "output"
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
    cache_size: Annotated[
        float, typer.Option(help="GB of drawn loops kept in the user's cache; 0 keeps none.", min=0)
    ] = 2
    cache: Annotated[
        str | None, typer.Option(help="Folder or address of the drawn loops; default: the user's cache.")
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Draw again what is already there.")] = False

    @property
    def folder(self) -> Place:
        """The folder for the files."""
        return place(self.output)

    @property
    def cache_folder(self) -> Place | None:
        """The folder of drawn loops, None for the user's own."""
        return place(self.cache) if self.cache is not None else None

    @property
    def cache_bytes(self) -> int:
        """How much of them is kept on a disk."""
        return round(self.cache_size * 1e9)


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each parameter that is a dataclass of options replaced by those options."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: kind for name, kind in hints.items() if is_dataclass(kind)}

    @wraps(command)
    def spread_command(**given: Any) -> None:
        for name, kind in groups.items():
            given[name] = kind(**{field.name: given.pop(field.name) for field in fields(kind)})
        command(**given)

    flat: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name not in groups:
            flat.append(parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        kinds = get_type_hints(groups[name], include_extras=True)
        flat += [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default,
                annotation=kinds[field.name],
            )
            for field in fields(groups[name])
        ]
    # Typer asks for the signature, and for the annotations apart
    spread_command.__signature__ = inspect.Signature(flat)  # type: ignore[attr-defined]
    spread_command.__annotations__ = {parameter.name: parameter.annotation for parameter in flat}
    return spread_command


def joined(arguments: list[str]) -> list[str]:
    """``--language en de`` as the parser knows it: ``--language en,de``."""
    joined: list[str] = []
    several = False
    for argument in arguments:
        follows = several and joined[-1] not in _SEVERAL
        if follows and argument.isalnum() and not argument.lstrip("f").isdecimal():
            joined[-1] += f",{argument}"
            continue
        joined.append(argument)
        several = argument in _SEVERAL or (several and not follows)
    return joined
