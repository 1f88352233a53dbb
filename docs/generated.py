"""The parts of the documentation that are generated from the code: commands, tensors, schemas, facts, loops.

A page says ``<!-- generated: commands -->`` where one belongs. Each is a function that returns Markdown.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_ROOT = _HERE.parent
_PLACE = re.compile(r"<!-- generated: ([\w ]+) -->")
_ITEM = re.compile(r"^\* `([^`]+)`:(.*(?:\n    .+)*)", re.MULTILINE)
_EXAMPLE = re.compile(r"^Example: (.+)$", re.MULTILINE)
_SHARED = 2  # by so many commands at least; such options are described once


def fill(text: str, media: Path) -> str:
    """The page's source with each generated part in its place; ``media`` is the folder of the loops."""

    def part(place: re.Match[str]) -> str:
        name, *arguments = place[1].split()
        return gallery(media) if name == "gallery" else _PARTS[name](*arguments)

    return _PLACE.sub(part, text)


# --- commands ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    """An option or argument as a command's help describes it."""

    name: str
    text: str
    panel: str


@dataclass(frozen=True)
class Command:
    """A command: its name, how it is called, what it does, and its options."""

    name: str
    usage: str
    text: str
    options: tuple[Option, ...]


def read_commands() -> list[Command]:
    """Every command of the command line."""
    from traced_loops.cli.commands import app

    sections = app.generate_docs(output_format="markdown", recursive=True).split("\n## ")
    commands = []
    for section in sections[1:]:
        title, _, body = section.partition("\n")
        if title == "Table of Contents":
            continue
        text, *panels = re.split(r"^\*\*(.+)\*\*:$", body, flags=re.MULTILINE)
        usage = re.search(r"```console\n(.+)\n```", text)
        assert usage is not None
        options = [
            Option(name, " ".join(said.split()), panel)
            for panel, items in zip(panels[::2], panels[1::2], strict=True)
            for name, said in _ITEM.findall(items)
        ]
        name = title.split()[-1]
        commands.append(Command(name, usage[1].strip(), text[usage.end() :].strip(), tuple(options)))
    return commands


def commands() -> str:
    """Every command with what is its own, then the options that several share, by panel."""
    found = read_commands()
    users: dict[Option, list[str]] = {}
    for command in found:
        for option in command.options:
            users.setdefault(option, []).append(command.name)
    shared = {
        option: names
        for option, names in users.items()
        if len(names) >= _SHARED and option.name.startswith("--")
    }
    return "\n\n".join([*(_command(each, shared) for each in found), *_options(shared)]) + "\n"


def _command(command: Command, shared: Mapping[Option, object]) -> str:
    examples = "\n".join(_EXAMPLE.findall(command.text))
    lines = [
        f"(command-{_word(command.name)})=",
        f"## `{command.name}`",
        "",
        _EXAMPLE.sub("", command.text).strip(),
    ]
    lines += ["", "```sh", examples or command.usage.replace("[OPTIONS]", "").strip(), "```", ""]
    for option in command.options:
        if option not in shared:
            lines += _described(option)
    others = [_link(option) for option in command.options if option in shared]
    if others:
        lines += ["", f"Shared options: {', '.join(others)}."]
    return "\n".join(lines)


def _options(shared: Mapping[Option, list[str]]) -> Iterator[str]:
    panels = list(dict.fromkeys(option.panel for option in shared))
    yield "## Options that several commands share"
    for panel in panels:
        lines = [f"### {panel}", ""]
        for option, names in shared.items():
            if option.panel == panel:
                lines += [f"(option-{_word(option.name)})=", ""]
                lines += _described(option, names)
        yield "\n".join(lines)


def _described(option: Option, names: Iterable[str] = ()) -> list[str]:
    used = ", ".join(f"`{name}`" for name in names)
    return [f"`{option.name}`", f": {option.text or '…'}{f' Of {used}.' if used else ''}", ""]


def _link(option: Option) -> str:
    word = _word(option.name)
    return f"[`--{word}`](#option-{word})"


def _word(name: str) -> str:
    """A command's or option's name without what surrounds it: ``quality`` of ``--quality, -q CHOICE``."""
    return name.replace(",", " ").split()[0].strip("-").lower()


# --- the trace format --------------------------------------------------------------------------------------

_MEANS = {
    "L": "layers", "F": "tokens", "D": "d_model", "E": "d_embed", "V": "vocabulary", "W": "d_mlp",
    "A": "heads", "G": "key_value_heads", "Q": "d_head", "Z": "d_value", "B": "rows", "K": "candidates",
    "Y+1": "layers + 1", "X": "lens positions", "S": "steps", "S+1": "steps + 1", "P": "parameters",
    "N": "samples", "M": "matrices", "M+1": "matrices + 1", "I": "bins", "I+1": "bins + 1", "R": "rows",
    "C": "columns", "Height": "rows", "Width": "columns", "H": "held-out words", "T": "temperatures",
    "U": "draws",
}  # fmt: skip
TITLES = {
    "generation": "A text",
    "training": "A training",
    "untrained": "The untrained model",
    "trained": "The trained model",
    "fine_tuning": "A fine-tuning",
    "temperatures": "Temperatures",
}


def read_meanings() -> dict[str, dict[str, tuple[str, tuple[str, ...]]]]:
    """What each tensor means, and the loops that read it, by part and name."""
    written = tomllib.loads((_HERE / "reference" / "tensors.toml").read_text(encoding="utf-8"))
    return {
        part: {name: (said[0], tuple(" ".join(said[1:]).split())) for name, said in tensors.items()}
        for part, tensors in written.items()
    }


def read_tensors() -> dict[str, dict[str, str]]:
    """The axes and the kind of each tensor there can be, by part and name."""
    from model_trace.store import tensor_checks as checks

    def distributions(rows: str) -> dict[str, str]:
        return {name: f"{rows} {words}" for name, words in checks.DISTRIBUTION.items()}

    layer = checks.LAYER | distributions("1")
    return {
        "generation": checks.GENERATION | distributions("F"),
        "training": checks.TRAINING | distributions("S+1"),
        "untrained": layer,
        "trained": layer,
        "fine_tuning": checks.FINE_TUNING | distributions("S+1"),
        "temperatures": checks.TEMPERATURES,
    }


def tensors() -> str:
    """A table of all tensors for each part of a recording."""
    from model_trace.recording.spec import ALL, DEFAULT
    from model_trace.store.tensor_checks import DTYPES

    meanings = read_meanings()
    lines: list[str] = []
    for part, known in read_tensors().items():
        if known.keys() != meanings[part].keys():
            raise ValueError(
                f"tensors.toml differs from the code in {part}: {known.keys() ^ meanings[part].keys()}"
            )
        lines += [f"## {TITLES[part]}: `{part}/`", "", "| tensor | shape | dtype | meaning | loops |"]
        lines += ["|---|---|---|---|---|"]
        for name, words in known.items():
            *axes, kind = words.split()
            shape = ", ".join(_MEANS.get(axis, axis) for axis in axes)
            meaning, loops = meanings[part][name]
            if part == "generation" and name in ALL and name not in DEFAULT:
                others = ", or for the loops that read it" if loops else ""
                meaning += f"; kept with `--everything`{others}"
            dtypes = " or ".join(DTYPES[kind])
            lines.append(f"| `{name}` | [{shape}] | {dtypes} | {meaning} | {', '.join(loops)} |")
        lines.append("")
    return "\n".join(lines)


# --- schemas -----------------------------------------------------------------------------------------------


def schema(name: str) -> str:
    """A table of the keys of a JSON schema, and one for each object that it defines."""
    file = _ROOT / "traced_loops" / "rendering" / f"{name}.schema.json"
    whole = json.loads(file.read_text(encoding="utf-8"))
    lines = list(_table(whole))
    for title, part in whole.get("$defs", {}).items():
        if "properties" in part:
            lines += ["", f"### `{title}`", "", _plain(part), "", *_table(part)]
    return "\n".join(lines)


def _table(schema: Mapping[str, Any]) -> Iterator[str]:
    rows = list(_rows("", schema))
    told = any(what for *_, what in rows)  # a column of nothing helps nobody
    head = ("key", "type", "required", *(["what"] if told else []))
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(row[: len(head)])} |"


def _rows(prefix: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    required = set(schema.get("required", ()))
    for name, of in schema["properties"].items():
        yield f"`{prefix}{name}`", _type(of), "yes" if name in required else "", _plain(of)
        inner = of.get("items") if of.get("type") == "array" else of
        if isinstance(inner, dict) and "properties" in inner:
            yield from _rows(f"{prefix}{name}{'[]' if inner is not of else ''}.", inner)


def _plain(of: Mapping[str, Any]) -> str:
    text: str = of.get("description", "")
    return " ".join(text.split()).replace("|", "\\|").replace("``", "`")


def _type(of: Mapping[str, Any]) -> str:
    if "$ref" in of:
        return f"`{of['$ref'].rpartition('/')[2]}`"
    if "const" in of:
        return f"`{json.dumps(of['const'])}`"
    if "enum" in of:
        return " or ".join(f"`{json.dumps(each)}`" for each in of["enum"])
    if "anyOf" in of:
        return " or ".join(dict.fromkeys(map(_type, of["anyOf"])))
    if "allOf" in of:
        return _type(of["allOf"][0])
    kind = of.get("type", "any")
    words = kind if isinstance(kind, str) else " or ".join(kind)
    items = of.get("items")
    if isinstance(items, dict) and "$ref" in items:
        return f"array of {_type(items)}"
    return words


# --- facts and loops ---------------------------------------------------------------------------------------


def facts() -> str:
    """Every published figure with its source."""
    from dataclasses import fields

    from scenes.facts import GPT3
    from scenes.traced_value import Fact, TracedValue
    from scenes.wording import Wording

    lines = ["| figure | value | shown as | source |", "|---|--:|--:|---|"]
    for holder in (GPT3, GPT3.pretraining):
        assert holder is not None
        for field in fields(holder):
            value = getattr(holder, field.name)
            if isinstance(value, TracedValue) and isinstance(value.origin, Fact):
                shown = Wording().printed(value.value, value.form)
                lines.append(f"| `{value.origin.name}` | {value.value:,} | {shown} | {value.origin.source} |")
    return "\n".join(lines)


def loops() -> str:
    """Every loop and figure with its idea."""
    from scenes.catalogue import CATALOGUE

    lines = ["| number | file | what it says |", "|---|---|---|"]
    for entry in CATALOGUE:
        extra = " (an extra)" if entry.extra else ""
        lines.append(f"| {entry.number} | `{entry.stem}` | {entry.idea}{extra} |")
    return "\n".join(lines)


def changelog() -> str:
    """What changed from version to version."""
    file = _ROOT / "CHANGELOG.md"
    if not file.exists():
        return "# Changelog\n\n[Upgrading](upgrading.md) says what has become of 0.1's files and options."
    return file.read_text(encoding="utf-8").replace("](docs/", "](")


# --- the gallery -------------------------------------------------------------------------------------------


def gallery(media: Path) -> str:
    """The loops of a folder: those that ``make gallery`` made, or drafts, which it says."""
    from docs.gallery import PROMPT_LOOPS, PROMPTS, SUBJECT_LOOPS
    from scenes.catalogue import CATALOGUE

    if not (media / "en" / "manifest.json").exists():
        listed = json.loads((media / "manifest.json").read_text(encoding="utf-8"))
        there = {loop["loop"] for loop in listed["loops"]}
        shown = [entry for entry in CATALOGUE if entry.number in there]
        lines = [
            ":::{note}",
            "This build shows drafts of a few loops, small and at 5 frames per second. `make gallery` makes",
            "all of them as readers get them, in both themes and shapes; then `make docs` shows them here.",
            ":::",
            "",
            "## Drafts",
            "",
        ]
        return "\n".join(
            [
                *lines,
                *(line for entry in shown for line in _shown(entry.number, f"{entry.number}: {entry.idea}")),
            ]
        )
    lines = ["## The ten", ""]
    for title, entries in (
        ("", [entry for entry in CATALOGUE if not entry.extra and not entry.is_figure]),
        ("## A closer look", [entry for entry in CATALOGUE if entry.extra]),
        ("## The figures", [entry for entry in CATALOGUE if entry.is_figure and not entry.extra]),
    ):
        lines += [title, ""]
        for entry in entries:
            lines += _shown(entry.number, f"{entry.number}: {entry.idea}")
    lines += ["## Your own prompt", "", "Five prompts in three languages, each in two of the loops.", ""]
    for name, (prompt, _) in PROMPTS.items():
        lines += [f"### {' '.join(prompt.split())}", ""]
        for number in PROMPT_LOOPS:
            lines += _shown(number, "", f"prompts/{name}")
    lines += [
        "## Whose model",
        "",
        "Without `--subject`, the default texts explain GPT-3 with its published figures. With",
        "`--subject model` the same loops name the model whose values they draw, with its own figures.",
        "",
    ]
    for number in SUBJECT_LOOPS:
        for subject in ("gpt3", "model"):
            lines += [
                f"### Loop {number}, `--subject {subject}`",
                "",
                *_shown(number, "", f"subject/{subject}"),
            ]
    return "\n".join(lines)


def _shown(number: str, heading: str, folder: str = "") -> list[str]:
    head = [f"### {heading}", ""] if heading else []
    option = [f":folder: {folder}"] if folder else []
    return [*head, f":::{{traced-loop}} {number}", *option, ":::", ""]


_PARTS: Mapping[str, Callable[..., str]] = {
    "commands": commands,
    "tensors": tensors,
    "schema": schema,
    "facts": facts,
    "loops": loops,
    "changelog": changelog,
}
