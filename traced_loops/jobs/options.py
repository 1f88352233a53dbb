"""What a run can be asked for: typed once, filled by the command line, a table's row or the library."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter, Token, convert

from model_trace import files
from traced_loops.storage.addresses import Address, typed_address, typed_path

Theme = Literal["light", "dark", "transparent"]
Shape = Literal["wide", "narrow", "square"]
Quality = Literal["l", "m", "h", "p", "k"]
Subject = Literal["gpt3", "model"]
Codec = Literal["vp9", "av1", "lossless"]
Format = Literal["mp4", "webp", "gif"]

# The panels of the help, in this order.
TEXT, MODEL, LOOKS, FILES, SPEED = (
    Group(name, sort_key=place) for place, name in enumerate(("Text", "Model", "Looks", "Files", "Speed"), 1)
)


def read_by(read: Callable[[str], Any], group: Group | None = None, **more: Any) -> Parameter:
    """How the command line reads an option with ``read``, whose ValueError says what is wrong."""

    def converter(_: Any, tokens: Sequence[Token]) -> Any:
        return read(tokens[0].value)

    if group is not None:  # without one, it stands where its kind does: among the arguments or the options
        more["group"] = group
    return Parameter(converter=converter, accepts_keys=False, **more)


def _several(type_: Any, tokens: Sequence[Token]) -> Any:
    """Values that follow each other or stand between commas, each once."""
    values = [
        Token(keyword=token.keyword, value=value, source=token.source)
        for token in tokens
        for value in token.value.replace(",", " ").split()
    ]
    return tuple(dict.fromkeys(convert(type_, values)))


def _languages(type_: Any, tokens: Sequence[Token]) -> tuple[str, ...]:
    # imported where it is needed: it loads the customs of all languages
    from scenes.wording import catalogue_name

    return tuple(dict.fromkeys(map(catalogue_name, _several(type_, tokens))))


def _gigabytes(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= (size := float(text)) <= files.MOST_GIGABYTES:
            return size
    raise ValueError(f"type a number of GB, from 0 to {files.MOST_GIGABYTES}, such as 4 or 0.5")


def _shown(values: tuple[str, ...]) -> str:
    return " ".join(values) or "none"


def flag(group: Group) -> Parameter:
    """How the command line reads an option without a value."""
    return Parameter(group=group, show_default=False)


def several(group: Group, converter: Callable[..., Any] = _several) -> Parameter:
    """How the command line reads an option that takes several values."""
    return Parameter(converter=converter, group=group, show_default=_shown)


# A text may begin with a hyphen.
_Text = Annotated[str | None, Parameter(group=TEXT, allow_leading_hyphen=True)]


@Parameter(name="*")
@dataclass(frozen=True)
class RunOptions:
    """How a command behaves while it runs.

    Attributes:
        config: TOML file of options, such as theme = ["light", "dark"]; the command line and TRACED_LOOPS_*
            variables (TRACED_LOOPS_THEME) override it. traced-loops.toml in this folder is read as well.
        quiet: Print nothing but errors.
        verbose: Print where each option comes from, warnings of libraries, and tracebacks of failures.
    """

    config: Annotated[Path | None, read_by(typed_path, FILES)] = None
    quiet: Annotated[bool, flag(SPEED)] = False
    verbose: Annotated[bool, flag(SPEED)] = False


@Parameter(name="*")
@dataclass(frozen=True)
class MakeOptions(RunOptions):
    """How a command that draws behaves while it runs.

    Attributes:
        dry_run: Print what would be recorded, drawn and kept, and do none of it.
    """

    dry_run: Annotated[bool, flag(FILES)] = False


@Parameter(name="*")
@dataclass(frozen=True)
class RecordingOptions:
    """What to record.

    Attributes:
        prompt: Text for every loop; without it, each loop's own default text.
        completion: The text that follows, if it is given and not for the model to write.
        chat: Put the prompt into the model's own chat template, as a question to answer.
        description: What loop 09 is to write the code of.
        pairs: File of phrases for loop 10: English, tab, French, and "held out" or nothing.
        texts: TOML file of texts, loop by loop; `texts` prints one to start from.
        temperature: 0 takes the most probable token, above 0 samples.
        top_p: Sample from the most probable tokens that together have this probability.
        seed: Seed of everything random: sampled tokens, untrained parameters, order of training.
        max_new_tokens: Tokens to write; without it, to the end of the sentence, at most 8, or 32 with --chat.
        model: Folder or hub id of a model; without it, the embedded one.
        device: Where the model runs: cpu, cuda, cuda:1, mps; without it, a GPU if there is one.
        dtype: What the model computes in: float32, bfloat16 or float16.
    """

    prompt: _Text = None
    completion: _Text = None
    chat: Annotated[bool, flag(TEXT)] = False
    description: _Text = None
    pairs: Annotated[Path | None, read_by(typed_path, TEXT)] = None
    texts: Annotated[Path | None, read_by(typed_path, TEXT)] = None
    temperature: Annotated[float, Parameter(group=TEXT)] = 0.0
    top_p: Annotated[float, Parameter(group=TEXT)] = 1.0
    seed: Annotated[int, Parameter(group=TEXT)] = 0
    max_new_tokens: Annotated[int | None, Parameter(group=TEXT)] = None
    model: Annotated[str | None, Parameter(group=MODEL)] = None
    device: Annotated[str | None, Parameter(group=MODEL)] = None
    dtype: Annotated[str | None, Parameter(group=MODEL)] = None


@Parameter(name="*")
@dataclass(frozen=True)
class CacheOptions:
    """Where recordings and drawn loops are kept for later runs, and how much of them.

    Attributes:
        cache: Folder that keeps recordings and drawn loops; without it, the user's cache. An address
            (s3://bucket/prefix) keeps drawn loops.
        cache_size: Gigabytes it keeps, of what was used last; 0 keeps nothing new.
    """

    cache: Annotated[Address | None, read_by(typed_address, SPEED, metavar="PATH")] = None
    cache_size: Annotated[float, read_by(_gigabytes, SPEED, metavar="GB")] = files.DEFAULT_BYTES / 1e9

    @property
    def cache_bytes(self) -> int:
        """How many bytes are kept on a disk."""
        return round(self.cache_size * 1e9)


@Parameter(name="*")
@dataclass(frozen=True)
class DrawingOptions(CacheOptions):
    """What to draw from, how, and where to.

    Attributes:
        trace: Draw from this recording; no model is run.
        subject: Whose name and figures the loops give: gpt3, or model for the traced one. Without it,
            GPT-3's for the default texts, the model's for any text or model of yours.
        language: Language of the words; several (en de, en pt_BR) go into a folder each.
        theme: Several (light dark) go into a folder each, the first into the output folder itself;
            transparent is light without a background.
        shape: wide (16:9), narrow (4:5, for phones) or square; several go into a folder each, the first into
            that of its theme. Without it, wide; `all` makes wide and narrow.
        quality: Size of the picture: l 854x480, m 1280x720, h 1920x1080, p 2560x1440, k 3840x2160; that of
            another shape is as wide as these are high.
        fps: Frames per second, 1 to 120; without it, 30, and 15 with quality l.
        also: Further formats of each loop.
        codec: vp9 plays everywhere, av1 does not, lossless is for editing.
        output: Folder for the files; also an address, s3://bucket/prefix.
        force: Draw again what is already there, and replace files that are not ours or were changed since.
        jobs: Loops drawn side by side; without it, one per core.
        reference: Draw every frame with Manim's own camera: slow, to compare with.
    """

    trace: Annotated[Path | None, read_by(typed_path, TEXT)] = None
    subject: Annotated[Subject | None, Parameter(group=LOOKS)] = None
    language: Annotated[tuple[str, ...], several(LOOKS, _languages)] = ("en",)
    theme: Annotated[tuple[Theme, ...], several(LOOKS)] = ("light",)
    shape: Annotated[tuple[Shape, ...], Parameter(converter=_several, group=LOOKS, show_default=False)] = ()
    quality: Annotated[Quality, Parameter(alias="-q", group=LOOKS)] = "h"
    fps: Annotated[int | None, Parameter(group=LOOKS)] = None
    also: Annotated[tuple[Format, ...], several(FILES)] = ()
    codec: Annotated[Codec, Parameter(group=FILES)] = "vp9"
    output: Annotated[Address, read_by(typed_address, FILES, alias="-o", metavar="PATH")] = Path("output")
    force: Annotated[bool, flag(FILES)] = False
    jobs: Annotated[int | None, Parameter(alias="-j", group=SPEED)] = None
    reference: Annotated[bool, flag(SPEED)] = False

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes to draw."""
        return self.shape or ("wide",)
