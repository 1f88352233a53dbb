"""The manifest of an output folder as data, checked before any of it is believed.

A folder may come from anybody. All names in it are plain file names, so nothing outside is read or written.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from annotated_types import Len
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from traced_loops.storage.addresses import Address, OutputError

MANIFEST = "manifest.json"
LARGEST = 2**27  # bytes of a manifest or provenance file

_NAME = "[A-Za-z0-9_][A-Za-z0-9_.-]*"
_SURROGATES = re.compile("[\ud800-\udfff]")


def _whole_characters(value: object) -> object:
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else value


def file_name(ending: str = "") -> Any:
    """The constraint of a plain name of a file."""
    return Field(pattern=f"^{_NAME}{ending}$", max_length=200)


FileName = Annotated[str, file_name()]
PathInside = Annotated[str, Field(pattern=f"^{_NAME}(/{_NAME})*$", max_length=1000)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}([-_][A-Za-z0-9]+)*$", max_length=40)]
Theme = Literal["light", "dark", "transparent"]
Shape = Literal["wide", "narrow", "square"]
# json.loads takes half a character, no file and no page does
Text = Annotated[str, BeforeValidator(_whole_characters)]
Pixels = Annotated[int, Field(ge=1, le=2**16)]
Size = Annotated[list[Pixels], Len(2, 2)]
Count = Annotated[int, Field(ge=0, le=2**63)]
Seconds = Annotated[int, Field(ge=0, le=10**6)] | Annotated[float, Field(ge=0, le=10**6)]


class Model(BaseModel):
    """Data from outside: exact types, no unknown keys, no infinities."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)
    called: ClassVar[str] = "manifest"


class Beat(Model):
    """A part of a loop's story, in seconds."""

    name: Annotated[str, Field(min_length=1)]
    start: Seconds
    end: Seconds


class Picture(Model):
    """What the manifest says of a loop or figure; ``media`` is the SHA-256 of each of its files by name.

    Without a ``shape`` it is wide.
    """

    idea: Annotated[Text, Field(min_length=1)]
    provenance: Annotated[str, file_name(r"\.json")]
    size: Size
    language: Language
    theme: Theme
    shape: Shape | None = None  # a default in its place would break the seal of a list without it
    media: Annotated[dict[FileName, Sha256], Field(min_length=2)]

    @property
    def stem(self) -> str:
        """What the names of its files begin with."""
        return self.provenance.removesuffix(".json")

    @model_validator(mode="after")
    def _share_a_stem(self) -> Self:
        for name in (*self._files(), *self.media):
            if not name.startswith(f"{self.stem}."):
                raise ValueError(f"{name} is no file of {self.stem}")
        return self

    def _files(self) -> tuple[str, ...]:
        return ()


class Loop(Picture):
    """A loop; ``still`` is its first and last frame, ``poster`` the same made light.

    ``descriptions`` is its transcript, timed.
    """

    loop: Annotated[str, Field(pattern="^[0-9]{2}$")]
    video: Annotated[str, file_name(r"\.webm")]
    still: Annotated[str, file_name(r"\.png")]
    poster: Annotated[str, file_name(r"\.poster\.webp")] | None = None
    descriptions: Annotated[str, file_name(r"\.vtt")]
    seconds: Annotated[float, Field(gt=0, le=1e6)]
    beats: Annotated[list[Beat], Field(min_length=1)]

    def _files(self) -> tuple[str, ...]:
        return (self.video, self.still, *([self.poster] if self.poster else []), self.descriptions)


class Figure(Picture):
    """A figure, as pixels and as vectors."""

    figure: Annotated[str, Field(pattern="^f[0-9]{2}$")]
    image: Annotated[str, file_name(r"\.png")]
    vectors: Annotated[str, file_name(r"\.svg")]

    def _files(self) -> tuple[str, ...]:
        return (self.image, self.vectors)


Listed = TypeVar("Listed", bound="Listing")


class Listing(Model):
    """The files in a folder that this program wrote, each with its SHA-256; what else lies there is not ours.

    ``pending`` holds those of a run that is not finished: of each such file either this version or that in
    ``files`` is there. ``sha256`` is the digest of all the rest of the list, None in one of version 0.1.
    """

    schema_version: Literal[1, 2]
    # by this word in them the page's files of version 0.1 are known, which did not list them
    word_0_1: ClassVar[bytes] = b""
    files: dict[PathInside, Sha256] = {}
    pending: dict[PathInside, Sha256] = {}
    sha256: Sha256 | None = None

    @property
    def is_as_written(self) -> bool:
        """Whether nobody has changed it since; of version 0.1 that is not known."""
        return self.schema_version == 1 or self.sha256 == self._seal()

    @property
    def media(self) -> dict[str, str]:
        """The pictures' files and their digests."""
        return {}

    @classmethod
    def empty(cls) -> Self:
        """The list of a folder in which nothing is finished."""
        return cls(schema_version=2)

    def unfinished(self) -> Self:
        """The list while a run changes what it speaks of."""
        return self

    def to_bytes(self) -> bytes:
        """The list as its file holds it, with its seal."""
        content = self._content() | {"sha256": self._seal()}
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()

    def _content(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude={"sha256"}, exclude_none=True)

    def _seal(self) -> str:
        return hashlib.sha256(json.dumps(self._content(), sort_keys=True).encode()).hexdigest()


class Manifest(Listing):
    """The loops and figures of a finished run, and every file of ours in the folder."""

    word_0_1 = b"traced-loop"
    loops: list[Loop]
    figures: list[Figure] = []

    @model_validator(mode="after")
    def _lists_each_once(self) -> Self:
        numbers = [*(loop.loop for loop in self.loops), *(figure.figure for figure in self.figures)]
        if len(set(numbers)) < len(numbers):
            raise ValueError("a loop or figure is listed twice")
        return self

    @property
    def media(self) -> dict[str, str]:
        pictures = (*self.loops, *self.figures)
        return {name: digest for picture in pictures for name, digest in picture.media.items()}

    @classmethod
    def empty(cls) -> Self:
        return cls(schema_version=2, loops=[])

    def unfinished(self) -> Self:
        return self.model_copy(update={"loops": [], "figures": []})


Read = TypeVar("Read", bound=Model)


def parse(kind: type[Read], raw: bytes, file: Address) -> Read:
    """The content of ``file`` as one of the models here.

    Raises:
        OutputError: it is none; the line names the key.
    """
    try:
        return kind.model_validate(json.loads(raw))
    except ValidationError as error:
        raise OutputError(f"{file} is not a {kind.called} ({_first(error)}): move it away") from error
    except RecursionError as error:
        raise OutputError(f"{file} is not a {kind.called} (nested too deeply): move it away") from error
    except ValueError as error:  # of JSON and of UTF-8
        raise OutputError(f"{file} is not a {kind.called} ({error}): move it away") from error


def _first(error: ValidationError) -> str:
    """The first problem in a line: the key, and what is wrong with it."""
    problem = error.errors(include_url=False)[0]
    where = ".".join(_short(str(part)) for part in problem["loc"] if part != "[key]") or "the file"
    given = _short(repr(problem["input"]))
    match problem["type"]:
        case "missing":
            return f"{where} is missing"
        case "extra_forbidden":
            return f"{where} is unknown"
        case "string_pattern_mismatch":
            return f"{where} cannot be {given}"
        case "value_error":
            return f"{where}: {problem['msg'].removeprefix('Value error, ')}"
    return f"{where}: {problem['msg'][0].lower()}{problem['msg'][1:]}, not {given}"


def _short(text: str) -> str:
    text = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
    return text if len(text) <= 60 else f"{text[:59]}…"


def json_schema() -> dict[str, Any]:
    """The JSON schema of a manifest, as ``manifest.schema.json`` holds it."""
    made = Manifest.model_json_schema()
    made["properties"]["schema_version"] = {"const": 2}
    made["required"] = ["schema_version", "loops", "figures", "files", "sha256"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:uuid:a7efe3cc-809c-44ce-8b19-20e3a7e672aa",
        **made,
    }


if __name__ == "__main__":  # > traced_loops/rendering/manifest.schema.json
    print(json.dumps(json_schema(), indent=1))
