"""The article around a finished set of loops: ``index.html``, one script and one style sheet."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.core import Locale
from markupsafe import Markup

from article.figure import Words, environment, figure, labels
from article.pictures import PageError, Picture, read_pictures
from article.story import LEAD, STAND_IN, STORY, TITLE, Part
from production import outputs
from wording import Wording, languages

__all__ = ["PageError", "write_page"]

SCRIPT, STYLE, PAGE = "loops.js", "loops.css", "index.html"

_STATIC = Path(__file__).parent / "static"
_LONGEST = 90  # letters of a prompt where it is named in passing
_COUNTS = ("parameters", "parameters_per_layer", "training_tokens", "dollars")  # in words: 175 billion


@dataclass(frozen=True)
class Told:
    """A part of the story, ready to be set: ``html`` is its figure."""

    paragraphs: Sequence[str]
    steps: Sequence[str]
    html: Markup


@dataclass(frozen=True)
class Setting:
    """What the whole page says the same: its words, whom it speaks of and the figures it may name."""

    wording: Wording
    figures: Mapping[str, str]
    names_prompts: bool

    def say(self, text: str) -> str:
        """The message with its figures."""
        return self.wording(text, **self.figures)

    def can_say(self, text: str) -> bool:
        """Whether all figures of the message are known."""
        return {name for _, name, _, _ in string.Formatter().parse(text) if name} <= self.figures.keys()


def write_page(folder: Path, language: str | None = None) -> Path:
    """Write the page of the loops and figures in ``folder`` beside them, and return it.

    The pictures keep their own language; ``language`` is that of the text and the player, which
    is theirs by default.

    Raises:
        PageError: the folder holds no finished loops, there is no such language, or it cannot be written to.
    """
    if language is not None and language not in languages():
        raise PageError(f"no page in {language}: choose {' or '.join(languages())}")
    pictures = read_pictures(folder)
    page = _page(pictures, Wording(language or pictures[0].language))
    style = "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in ("figure.css", "page.css"))
    script = (_STATIC / SCRIPT).read_text(encoding="utf-8")
    try:
        with outputs.partial(folder) as place:
            # the page goes last, when what it loads is there
            for name, text in ((SCRIPT, script), (STYLE, style), (PAGE, page)):
                file = place / name
                file.write_text(text, encoding="utf-8")
                file.replace(folder / name)
    except OSError as error:
        raise PageError(f"cannot write to {folder}: {error.strerror or error}") from error
    return folder / PAGE


def _page(pictures: Sequence[Picture], wording: Wording) -> str:
    """The page as HTML."""
    prompts = tuple(dict.fromkeys(picture.prompt for picture in pictures if picture.prompt))
    first = pictures[0]
    setting = Setting(wording, _figures(pictures, wording), names_prompts=len(prompts) > 1)
    by_number = {picture.number: picture for picture in pictures}
    chapters: list[dict[str, Any]] = []
    heading: str | None = None
    for part in STORY:
        heading = part.heading or heading
        if part.number not in by_number:
            continue
        if heading is not None:
            chapters.append({"heading": setting.say(heading), "parts": []})
            heading = None
        chapters[-1]["parts"].append(_tell(part, by_number[part.number], setting))
    lead = [setting.say(LEAD)]
    if not first.is_its_own_subject:
        lead.append(setting.say(STAND_IN))
    return (
        environment()
        .get_template("page.html")
        .render(
            language=wording.language,
            direction=Locale.parse(wording.language).text_direction,
            title=setting.say(TITLE),
            lead=lead,
            values=_values_line(pictures, prompts, wording),
            chapters=chapters,
            labels=labels(wording),
            notes=_notes(pictures, wording),
            icon=first.still,
            has_loops=any(picture.videos for picture in pictures),
            script=SCRIPT,
            style=STYLE,
        )
    )


def _tell(part: Part, picture: Picture, setting: Setting) -> Told:
    """The part's text as far as its figures are known, and its figure."""
    wording = setting.wording
    paragraphs = [setting.say(text) for text in part.paragraphs if setting.can_say(text)]
    if not paragraphs and part.instead is not None:
        paragraphs = [setting.say(part.instead)]
    credit = None
    if setting.names_prompts and picture.prompt:
        credit = wording("Text: “{prompt}”", prompt=_short(picture.prompt))
    words = Words(setting.say(part.caption), setting.say(part.alternative), credit)
    return Told(paragraphs, [setting.say(step) for step in part.steps], figure(picture, words, wording))


def _figures(pictures: Sequence[Picture], wording: Wording) -> dict[str, str]:
    """The figures that the story may name, as it prints them: published ones, or the traced model's own."""
    first = pictures[0]
    known: dict[str, float] = {}
    if first.is_its_own_subject:
        known = {name: first.card[name] for name in ("layers", "context_window", "parameters")}
    for picture in pictures:
        known |= {name: value for name, (value, _) in picture.facts.items()}
    printed = {
        name: wording.count(value) if name in _COUNTS else wording.integer(value)
        for name, value in known.items()
    }
    no_break = {name: text.replace(" ", "\N{NO-BREAK SPACE}") for name, text in printed.items()}
    return {**no_break, "subject": first.subject}


def _values_line(pictures: Sequence[Picture], prompts: Sequence[str], wording: Wording) -> str:
    """The one line that says where the values come from."""
    model = ", ".join(dict.fromkeys(picture.model for picture in pictures))
    match prompts:
        case [prompt]:
            return wording(
                "Values recorded from {model}, prompt “{prompt}”.", model=model, prompt=_short(prompt)
            )
        case [_, *_]:
            return wording("Values recorded from {model}; the prompt stands below each picture.", model=model)
        case _:
            return wording("Values recorded from {model}.", model=model)


def _notes(pictures: Sequence[Picture], wording: Wording) -> dict[str, object]:
    """What stands at the foot of the page."""
    sources = dict.fromkeys(source for picture in pictures for _, source in picture.facts.values())
    return {
        "heading": wording("About the pictures"),
        "values": wording(
            "Each bar, cell and token was read from the model’s tensors. The file beside each picture names "
            "the tensor, the place in it and the rounding of every value, and the digests to check them by."
        ),
        "sources_heading": wording("Published figures"),
        "sources": list(sources),
        "after": wording("After an idea by Jay Alammar:"),
        "original": "How GPT3 Works – Visualizations and Animations",
        "original_url": "https://jalammar.github.io/how-gpt3-works-visualizations-animations/",
    }


def _short(prompt: str) -> str:
    return prompt if len(prompt) <= _LONGEST else f"{prompt[: _LONGEST - 1].rstrip()}…"
