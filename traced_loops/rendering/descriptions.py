"""A loop's transcript as WebVTT, for a video's ``<track kind="descriptions">``."""

from __future__ import annotations

import html

from scenes.transcript import Transcript
from scenes.wording import language_tag


def webvtt(transcript: Transcript, language: str) -> str:
    """One cue for each step. What a text could say in WebVTT's own signs is escaped."""
    cues = [
        f"{number}\n{_clock(step.start)} --> {_clock(step.end)}\n{_escaped(step.text)}\n"
        for number, step in enumerate(transcript.steps, 1)
    ]
    return "\n".join((f"WEBVTT Kind: descriptions; Language: {language_tag(language)}\n", *cues))


def _escaped(text: str) -> str:
    """The text on one line, for an empty one would end the cue."""
    return html.escape(" ".join(text.split()), quote=False)


def _clock(seconds: float) -> str:
    """The time as hours, minutes, seconds and thousandths."""
    minutes, thousandths = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{thousandths / 1000:06.3f}"
