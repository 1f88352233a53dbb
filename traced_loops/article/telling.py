"""The story told of the pictures there are: in one language, with the figures they know."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from scenes.page import Section
from scenes.wording import Wording, catalogue_name, languages
from traced_loops.article.pictures import PageError, Picture, read_pictures
from traced_loops.storage.addresses import Address

_LONGEST = 90  # letters of a prompt where it is named in passing
_FORMS = {  # of figures that are no plain integers
    **dict.fromkeys(("parameters", "parameters_per_layer", "training_tokens"), "count"),
    "dollars": "dollars",
}


@dataclass(frozen=True)
class Telling:
    """The pictures of a folder, and how to speak of them."""

    pictures: Sequence[Picture]
    wording: Wording

    def say(self, text: str) -> str:
        """The message with its figures."""
        return self.wording(text, **self.figures)

    def can_say(self, text: str) -> bool:
        """Whether all figures of the message are known."""
        return {name for _, name, _, _ in string.Formatter().parse(text) if name} <= self.figures.keys()

    def caption(self, section: Section, picture: Picture) -> str:
        """The line below a picture: what its values show, where they say it in the page's language."""
        transcript = picture.transcript
        if transcript and transcript.finding and picture.language == self.wording.language:
            return transcript.finding
        return self.say(section.caption)

    @cached_property
    def figures(self) -> Mapping[str, str]:
        """The figures that the story may name, as it prints them: published ones, or the model's own."""
        first = self.pictures[0]
        known: dict[str, float] = {}
        if first.is_its_own_subject:
            known = {name: getattr(first.card, name) for name in ("layers", "context_window", "parameters")}
        for picture in self.pictures:
            known |= {name: value for name, (value, _) in picture.facts.items()}
        printed = {
            name: self.wording.printed(value, _FORMS.get(name, "integer")) or ""
            for name, value in known.items()
        }
        no_break = {name: text.replace(" ", "\N{NO-BREAK SPACE}") for name, text in printed.items()}
        return {**no_break, "subject": first.subject}

    @property
    def tells_prompts(self) -> bool:
        """Whether the prompt has to stand below each picture, since there are several."""
        return len(_prompts(self.pictures)) > 1

    def prompt_of(self, picture: Picture) -> str | None:
        """The line that names a picture's prompt."""
        wording = self.wording
        return wording("Text: “{prompt}”", prompt=_short(picture.prompt)) if picture.prompt else None

    def values_of(self, *pictures: Picture) -> str:
        """The one line that says where the values of these pictures come from."""
        wording = self.wording
        model = "; ".join(dict.fromkeys(wording.model(picture.model) for picture in pictures))
        match _prompts(pictures):
            case [prompt]:
                return wording(
                    "Values recorded from {model}, prompt “{prompt}”.", model=model, prompt=_short(prompt)
                )
            case [_, *_]:
                return wording(
                    "Values recorded from {model}; the prompt stands below each picture.", model=model
                )
            case _:
                return wording("Values recorded from {model}.", model=model)


def read_telling(folder: Address, language: str | None = None) -> Telling:
    """What there is to tell of the pictures in ``folder``, by default in their own language.

    Raises:
        PageError: the folder holds no finished loops, or there is no such language.
    """
    if language is not None and (language := catalogue_name(language)) not in languages():
        raise PageError(f"no page in {language}: choose {' or '.join(languages())}")
    pictures = read_pictures(folder)
    return Telling(pictures, Wording(language or pictures[0].language))


def _prompts(pictures: Sequence[Picture]) -> list[str]:
    return list(dict.fromkeys(picture.prompt for picture in pictures if picture.prompt))


def _short(prompt: str) -> str:
    return prompt if len(prompt) <= _LONGEST else f"{prompt[: _LONGEST - 1].rstrip()}…"
