"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Prompt = Annotated[
    str | None, typer.Option(help="Text for every loop; default: the article's, loop by loop.")
]
Completion = Annotated[
    str | None,
    typer.Option(help="The text that follows, if it is given."),
]
Description = Annotated[str | None, typer.Option(help="What loop 09 is to write the code of.")]
Pairs = Annotated[
    Path | None, typer.Option(help="File of words and translations for loop 10: English, tab, French.")
]
Texts = Annotated[Path | None, typer.Option(help="TOML file of texts, loop by loop; see texts/article.toml.")]
Subject = Annotated[str, typer.Option(help="Whose figures are told: gpt3, or model for the traced one's.")]
Model = Annotated[str | None, typer.Option(help="Folder or hub id of a model; default: the embedded one.")]
Seed = Annotated[int, typer.Option(help="Seed of all draws: tokens, random parameters, order of training.")]
Temperature = Annotated[float, typer.Option(help="0 takes the likeliest token, above 0 draws.", min=0.0)]
TopP = Annotated[
    float, typer.Option(help="Draw from the likeliest tokens that together have this probability.")
]
MaxNewTokens = Annotated[
    int | None, typer.Option(help="Tokens to write; default: 8 or to the end of the sentence.", min=1)
]
TraceFolder = Annotated[
    Path | None, typer.Option("--trace", help="Draw from this recording; no model is run.")
]
Language = Annotated[str, typer.Option(help="Language of the words.")]
Theme = Annotated[
    str,
    typer.Option(
        help="Colours: light, dark, or transparent (light without a background, for slides on light grounds)."
    ),
]
QualityLetter = Annotated[
    str, typer.Option("--quality", "-q", help="l 854x480, m 1280x720, h 1920x1080, p 2560x1440, k 3840x2160.")
]
Fps = Annotated[int | None, typer.Option(help="Frames per second; default: 30, 15 for l.", min=1, max=120)]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", help="Loops drawn side by side; default: one per core.", min=1)
]
Force = Annotated[bool, typer.Option("--force", help="Draw again what is already there.")]
