"""Who writes: one subject for a whole run, and nothing recorded is told of a model that was not traced."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from babel.messages import pofile

from model_trace.models import embedded as embedded_model
from model_trace.trace import Trace
from scenes import facts
from scenes.catalogue import CATALOGUE
from scenes.parts.label import Label
from scenes.traced_value import Fact, Recorded, traced_values
from scenes.transcript import module_of
from scenes.wording import Wording, catalogues, languages
from tests.loops import CODE, content, entry, play
from tests.scenes.boxes import drawn
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.requests import subject_of
from traced_loops.jobs.texts import read_texts

NUMBERS = [one.number for one in CATALOGUE]
# what only the model that was traced did, in the languages there are
DID = re.compile(
    r"\b(writ|wrote|guess|predict|answer|comput|generat|sa(y|id)|choos|chose|ask|fine-tun|learn)"
    r"|\b(schreib|schrieb|vermut|sag|antwort|berechn|erzeug|wähl|frag|gefragt|feinabgestimmt|lern|rät)",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def tiny_traces(tmp_path_factory: pytest.TempPathFactory, by_need: dict[str, Trace]) -> dict[str, Trace]:
    """A recording by what it is of."""
    from model_trace.models import checkpoints
    from model_trace.recording import generation
    from tests.model_trace.families import save_model

    folder = tmp_path_factory.mktemp("models") / "small-robot"
    save_model(folder, "llama", max_position_embeddings=4096, eos_token_id=None)
    model = checkpoints.load(str(folder))
    return by_need | {
        "text": generation.record(model, "The quick brown", max_new_tokens=4),
        "given": generation.record(model, "The quick brown", " fox jumps"),
        "code": generation.record(model, CODE[0], "<b>x</b>"),
    }


def transcript(number: str, said: Any, language: str) -> str:
    told = importlib.import_module(module_of(entry(number))).words(said, Wording(language))
    return " ".join((told.paragraph, *told.beats.values()))


@pytest.mark.parametrize(
    "own",
    [
        {"prompt": "Hi"}, {"prompt": "Hi", "completion": " there"}, {"description": "a link"},
        {"pairs": Path("pairs.tsv")}, {"texts": Path("mine.toml")}, {"model": "folder"},
    ],
    ids=lambda own: " ".join(own),
)  # fmt: skip
def test_any_text_or_model_of_the_users_is_told_of_the_traced_model(own: dict[str, Any]) -> None:
    assert subject_of(RecordingOptions(**own), DrawingOptions()) == "model"
    assert subject_of(RecordingOptions(**own), DrawingOptions(subject="gpt3")) == "gpt3"


def test_the_default_texts_are_told_of_gpt3() -> None:
    assert subject_of(RecordingOptions(), DrawingOptions(theme=("dark",))) == "gpt3"
    assert subject_of(RecordingOptions(seed=3, temperature=0.7, dtype="bfloat16"), DrawingOptions()) == "gpt3"
    assert subject_of(RecordingOptions(), DrawingOptions(subject="model")) == "model"


def test_a_recording_is_told_of_gpt3_if_it_is_of_default_texts_alone(tiny_traces: dict[str, Trace]) -> None:
    texts = read_texts()
    drawing = DrawingOptions(trace=Path("some.trace"))

    def recorded(number: str, needs: str, **changes: Any) -> Trace:
        trace, text = tiny_traces[needs], texts[number]
        said = {"prompt": text.prompt, "completion": text.completion}
        if needs == "training":
            said = {"text": text.prompt + (text.completion or "")}
        model = replace(trace.model, source=embedded_model.SOURCE)
        return replace(trace, model=model, parts=(replace(trace.parts[0], **{**said, **changes}),))

    defaults = [recorded("07", "text"), recorded("01", "given"), recorded("03", "training")]
    assert subject_of(RecordingOptions(), drawing, defaults) == "gpt3"
    assert subject_of(RecordingOptions(), replace(drawing, subject="model"), defaults) == "model"
    others = [
        recorded("07", "text", prompt="mine"),
        recorded("07", "text", chat=True),
        recorded("03", "training", text="mine too"),
        replace(recorded("07", "text"), model=tiny_traces["text"].model),
        tiny_traces["fine-tuning"],
    ]
    for other in others:
        assert subject_of(RecordingOptions(), drawing, [*defaults, other]) == "model"


@pytest.mark.parametrize("language", languages())
def test_no_message_says_that_the_subject_did_what_was_recorded(language: str) -> None:
    file = catalogues.TEMPLATE
    if language != "en":
        file = file.parent / language / "LC_MESSAGES" / "loops.po"
    with file.open("rb") as source:
        catalog = pofile.read_po(source)
    naming = 0
    for message in catalog:
        found = message.id if language == "en" else message.string
        for text in (found,) if isinstance(found, str) else found:
            for sentence in re.split(r"(?<=[.!?]) ", text):
                if "{subject}" in sentence or "{name}" in sentence:
                    naming += 1
                    assert not DID.search(sentence), sentence
    assert naming > 10


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_said_of_gpt3_holds_nothing_recorded(
    number: str, language: str, tiny_traces: dict[str, Trace]
) -> None:
    """Neither in the words nor in the picture."""
    wording = Wording(language)
    cases = ("text", "given") if entry(number).needs == "text" else (entry(number).needs,)
    for which in cases:
        said = content(number, tiny_traces[which])
        assert said.subject == "GPT-3"
        shown = {
            kind: {
                printed
                for _, value in traced_values(said)
                if isinstance(value.origin, kind)
                and value.form != "text"
                and (printed := wording.printed(value.value, value.form))
            }
            for kind in (Recorded, Fact)
        }
        told = [
            sentence
            for sentence in re.split(r"(?<=[.!?:]) ", transcript(number, said, language))
            if "GPT-3" in sentence
        ]
        assert told or number == "f01"
        stage = play(number, said, lambda scene: list(drawn(scene.mobjects)), wording, story=False)[1][0]
        labels = [part.text.rpartition("(")[2] for part in stage if isinstance(part, Label)]
        # "30 here, 96 in GPT-3" says each of its own
        told += [clause for label in labels for clause in label.split(", ")]
        for sentence in told:
            if "GPT-3" not in sentence:
                continue
            assert not re.search("[“„]", sentence), sentence
            rest = sentence.replace("GPT-3", "")
            for printed in shown[Recorded] - shown[Fact]:
                assert not re.search(rf"(?<![\w.,]){re.escape(printed)}(?!\w|[.,]\d)", rest), (
                    sentence,
                    printed,
                )


@pytest.mark.parametrize("number", NUMBERS)
def test_the_traced_model_is_said_to_have_done_it(number: str, tiny_traces: dict[str, Trace]) -> None:
    trace = tiny_traces[entry(number).needs]
    for subject in (facts.GPT3, facts.traced(trace)):
        told = transcript(number, content(number, trace, subject=subject), "en")
        assert (subject is facts.GPT3) == ("GPT-3" in told) or number == "f01"
        doing = f"{trace.model.name} (writes|before and after|computes|gives|answers)|of {trace.model.name}"
        if number not in ("10", "f01", "f02", "f03"):
            assert re.search(doing, told), told


@pytest.mark.parametrize("number", ["01", "04", "09"])
def test_a_given_text_is_not_said_to_be_written(number: str, tiny_traces: dict[str, Trace]) -> None:
    told = transcript(number, content(number, tiny_traces["code" if number == "09" else "given"]), "en")
    assert " writes " not in told
    assert "The model generates" not in told
    if number != "09":
        assert " writes " in transcript(number, content(number, tiny_traces["text"]), "en")
