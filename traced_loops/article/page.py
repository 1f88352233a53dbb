"""The article around a finished set of loops: ``index.html``, one script and one style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel.core import Locale
from markupsafe import Markup

from scenes.page import Section
from traced_loops.article.cards import cards, checked_base, licence_url
from traced_loops.article.figure import Words, environment, figure, labels
from traced_loops.article.files import ICON, PAGE, SCRIPT, STYLE, static, write
from traced_loops.article.pictures import PageError, Picture, printable
from traced_loops.article.story import LEAD, STAND_IN, STORY, TITLE
from traced_loops.article.telling import Telling, read_telling
from traced_loops.storage.addresses import Where

__all__ = ["PageError", "write_page"]


@dataclass(frozen=True)
class Told:
    """A part of the story, ready to be set: ``html`` is its figure, ``anchor`` the id that links lead to."""

    paragraphs: Sequence[str]
    steps: Sequence[str]
    picture: Picture
    words: Words
    html: Markup

    @property
    def anchor(self) -> str:
        return self.picture.anchor


def write_page(
    folder: Where,
    language: str | None = None,
    *,
    title: str | None = None,
    lead: str | None = None,
    base_url: str | None = None,
    force: bool = False,
) -> Where:
    """Write the page of the loops and figures in ``folder`` beside them, and return it.

    The pictures keep their own language; ``language`` is that of the text and the player, which
    is theirs by default. ``title`` and ``lead`` are a writer's own words in place of the first ones.
    ``base_url`` is the address that the folder is published at, for what links to the page: cards of other
    places and search engines take whole addresses only.

    Raises:
        PageError: the folder holds no finished loops, there is no such language, it cannot be written to, a
            title or lead has no words, or the base is no address.
        OutputError: a file of the page's is there that is not ours, and not to be replaced by ``force``.
    """
    for option, words in (("title", title), ("lead", lead)):
        if words is not None and not words.strip():
            raise PageError(f"--{option} is empty: give it words or leave it out")
    page = _page(read_telling(folder, language), title, lead, checked_base(base_url))
    style = static("figure.css") + "\n" + static("page.css")
    # the page goes last, when what it loads is there
    write(folder, {SCRIPT: static(SCRIPT), STYLE: style, ICON: static(ICON), PAGE: page}, force=force)
    return folder / PAGE


def _page(telling: Telling, title: str | None, lead: str | None, base_url: str | None) -> str:
    """The page as HTML."""
    wording = telling.wording
    by_number = {picture.number: picture for picture in telling.pictures}
    first = telling.pictures[0]
    chapters: list[dict[str, Any]] = []
    heading: str | None = None
    for number, section in STORY.items():
        heading = section.heading or heading
        if number not in by_number:
            continue
        if heading is not None:
            chapters.append({"heading": telling.say(heading), "parts": []})
            heading = None
        chapters[-1]["parts"].append(_tell(section, by_number[number], telling))
    opening = [telling.say(LEAD) if lead is None else _own(lead)]
    if not first.is_its_own_subject:
        opening.append(telling.say(STAND_IN))
    headline = telling.say(TITLE) if title is None else _own(title)
    told = [
        (part.picture, part.words, _described(part, telling))
        for chapter in chapters
        for part in chapter["parts"]
    ]
    return (
        environment()
        .get_template("page.html")
        .render(
            language=wording.language,
            direction=Locale.parse(wording.language).text_direction,
            title=headline,
            cards=cards(headline, opening[0], told, base_url),
            lead=opening,
            values=telling.values_of(*telling.pictures),
            chapters=chapters,
            labels=labels(wording),
            notes=_notes(telling),
            icon=ICON,
            has_loops=any(picture.videos for picture in telling.pictures),
            script=SCRIPT,
            style=STYLE,
        )
    )


def _own(words: str) -> str:
    """A writer's own words on one line, without what could break the page."""
    return printable(" ".join(words.split()))


def _tell(section: Section, picture: Picture, telling: Telling) -> Told:
    """The section's text as far as its figures are known, and its picture."""
    paragraphs = [telling.say(text) for text in section.paragraphs if telling.can_say(text)]
    if not paragraphs and section.instead is not None:
        paragraphs = [telling.say(section.instead)]
    credit = telling.prompt_of(picture) if telling.tells_prompts else None
    words = Words(telling.caption(section, picture), telling.say(section.alternative), credit)
    html = figure(picture, words, telling.wording)
    return Told(paragraphs, [telling.say(step) for step in section.steps], picture, words, html)


def _described(told: Told, telling: Telling) -> str:
    """The picture in a few sentences, of the page's language."""
    transcript = told.picture.transcript
    if transcript and transcript.paragraph and told.picture.language == telling.wording.language:
        return transcript.paragraph
    return told.words.alternative


def _notes(telling: Telling) -> dict[str, object]:
    """What stands at the foot of the page."""
    wording = telling.wording
    sources = dict.fromkeys(source for picture in telling.pictures for _, source in picture.facts.values())
    return {
        "heading": wording("About the pictures"),
        "values": wording(
            "Each bar, cell and token was read from the model’s tensors. The file beside each picture names "
            "the tensor, the place in it and the rounding of every value, and the digests to check them by."
        ),
        "sources_heading": wording("Published figures"),
        "sources": list(sources),
        "licences": _licences(telling),
        "after": wording("After an idea by Jay Alammar:"),
        "original": "How GPT3 Works – Visualizations and Animations",
        "original_url": "https://jalammar.github.io/how-gpt3-works-visualizations-animations/",
    }


def _licences(telling: Telling) -> dict[str, object]:
    """What may be done with the pictures, and under which licences that stands which they were made with."""
    wording = telling.wording
    models = {printable(one.card.name): printable(one.card.licence) for one in telling.pictures}
    made_with = [
        wording("The licence of the model {model} is {licence}.", model=model, licence=licence)
        for model, licence in models.items()
        if licence
    ]
    typefaces = wording(
        "The typefaces IBM Plex and Noto are under the SIL Open Font License 1.1, which does not extend to "
        "what is drawn with them."
    )
    named = sorted({picture.licence for picture in telling.pictures} - {""})
    return {
        "heading": wording("Licence"),
        "text": wording("Anyone may use, change and publish the loops and figures under this licence:"),
        "named": [(licence, licence_url(licence)) for licence in named],
        "made_with": " ".join([*made_with, typefaces]),
    }
