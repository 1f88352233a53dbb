"""What the loops say is what was recorded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import TypeAdapter

from model_trace.models.checkpoints import Checkpoint
from model_trace.trace import Trace, TraceError
from scenes import facts
from scenes.catalogue import CATALOGUE
from scenes.chosen_content import choose_content
from scenes.display_token import bytes_of
from scenes.s07_processing_transformer_blocks.content import turn
from scenes.s07_processing_transformer_blocks.transcript import words
from scenes.traced_value import Fact, Recorded, Source, compute, traced_values
from scenes.vectors import drawn_layers
from scenes.wording import Wording
from tests.loops import TEXT_LOOPS, content, entry

NUMBERS = TEXT_LOOPS


def test_tokens_joined_are_the_text(traces: dict[int, Trace]) -> None:
    for trace in traces.values():
        said = content("01", trace)
        written = "".join(piece.text for piece in said.prompt + said.output if piece.part != "special")
        assert written.startswith(trace.generation.prompt)
        assert written == b"".join(t.bytes for t in trace.tokens if t.role != "special").decode()


def test_bars_and_the_rest_make_one_whole(traces: dict[int, Trace], given: Trace) -> None:
    for trace in (*traces.values(), given):
        for step in content("04", trace).steps:
            assert sum(row.probability.number for row in step.candidates) == pytest.approx(1, abs=1e-6)
            assert sum(row.chosen for row in step.candidates) == 1
            assert step.candidates[-1].token is None


def test_a_given_token_has_its_row_however_unlikely(given: Trace) -> None:
    first = content("04", given).steps[0]
    chosen = next(row for row in first.candidates if row.chosen)
    assert chosen.token is not None
    assert chosen.token.text == " obey"
    assert chosen.probability.number == pytest.approx(
        float(given.values("generation/next_probability", (given.prompt_length - 1,)))
    )


def test_whose_text_it_is_is_said(traces: dict[int, Trace], given: Trace) -> None:
    for number in NUMBERS:
        assert content(number, traces[1]).text_source == "model"
        assert content(number, given).text_source == "given"
        assert content(number, given, article=True).text_source == "article"


def test_the_last_depth_is_the_models_own_answer(traces: dict[int, Trace]) -> None:
    for trace in traces.values():
        said = content("07", trace)
        assert said.depths[-1].layer == trace.model.layers
        assert said.depths[-1].place.number == 1
        assert said.depths[-1].guess is None


def test_a_token_that_is_none_of_the_likeliest_has_its_logit(given: Trace) -> None:
    row = given.prompt_length - 1
    listed = given.values("generation/top_logits", (row,))
    said = content("06", given)
    score = said.scores[-1]
    assert score.chosen
    assert not said.first
    assert score.token.text == given.tokens[row + 1].text
    assert score.logit.number < listed.min()
    # logits differ as the logarithms of the probabilities do
    ahead = float(given.values("generation/top_probabilities", (row, 0)))
    own = float(given.values("generation/next_probability", (row,)))
    assert listed[0] - score.logit.number == pytest.approx(np.log(ahead / own), abs=1e-4)


def test_the_best_guess_is_named_wherever_it_is_not_the_answer(traces: dict[int, Trace]) -> None:
    for trace in traces.values():
        depths = content("07", trace).depths
        for depth in depths:
            assert (depth.guess is not None) == (depth.place.number > 1)
            if depth.guess is not None:
                best = int(trace.values("generation/lens_ids", (depth.layer, 0, 0)))
                assert bytes_of(depth.guess) == trace.pieces[best]


def test_what_the_places_show_is_said(traces: dict[int, Trace]) -> None:
    said = content("07", traces[6])
    places = [2005] * 23 + [396, 92, 113, 34, 7, 3, 1]
    depths = tuple(
        replace(depth, place=replace(depth.place, value=place))
        for depth, place in zip(said.depths, places, strict=True)
    )
    told = words(replace(said, depths=depths), Wording())
    answer = said.answer.text
    assert told.finding == (
        f"Until layer 23 “{answer}” is not among the first 2,000 of 49,152 tokens. "
        "After layer 30 it is the first."
    )
    assert "2,005th after layer 23" in told.beats["where the answer is far"]
    assert "1st after layer 30" in told.beats["where the answer comes near"]
    near = tuple(replace(depth, place=replace(depth.place, value=1)) for depth in said.depths)
    assert words(replace(said, depths=near), Wording()).finding == ""


@pytest.mark.parametrize(
    ("places", "row"), [((1,), 0), ((5, 5, 5), 1), ((40, 4000, 2000, 20, 1), 3), ((3, 7), 1)]
)
def test_the_turn_is_where_the_answer_rises_most(places: tuple[int, ...], row: int) -> None:
    assert turn(places) == row


@pytest.mark.parametrize("number", NUMBERS)
def test_content_survives_json(number: str, traces: dict[int, Trace], given: Trace) -> None:
    for trace in (traces[20], given):
        said = content(number, trace)
        adapter = TypeAdapter(type(said))
        assert adapter.validate_json(adapter.dump_json(said)) == said


@pytest.mark.parametrize("layers", range(1, 130))
def test_drawn_layers_keep_their_rule(layers: int) -> None:
    drawn = drawn_layers(layers)
    assert len(drawn) == min(layers, 30)
    assert list(drawn) == sorted(set(drawn))
    assert drawn[0] == 1
    assert drawn[-3:] == tuple(range(1, layers + 1))[-3:]
    if layers > 30:
        steps = np.diff(drawn[:-3])
        assert steps.max() - steps.min() <= 1


def test_every_fact_names_its_source() -> None:
    stated = list(traced_values(facts.GPT3))
    assert len(stated) == 8
    for path, value in stated:
        assert isinstance(value.origin, Fact), path
        assert any(author in value.origin.source for author in ("Brown et al. 2020", "Li 2020")), path


def test_a_traced_subject_speaks_of_the_traced_model(traces: dict[int, Trace]) -> None:
    trace = traces[6]
    own = facts.traced(trace)
    for number in NUMBERS:
        said = content(number, trace, subject=own)
        assert said.subject == trace.model.name
        assert not any(isinstance(shown.origin, Fact) for _, shown in traced_values(said)), number
    assert content("05", trace, subject=own).tracks.number == trace.model.context_window


def test_a_recorded_value_names_a_known_formula(traces: dict[int, Trace]) -> None:
    origin = Recorded((Source("generation/entropy", (0,)),), "made up")
    with pytest.raises(KeyError):
        compute(traces[1], origin)


def test_one_new_token_is_enough_for_every_loop(embedded: Checkpoint) -> None:
    from model_trace.recording import generation

    trace = generation.record(embedded, "Hi", max_new_tokens=1)
    for number in NUMBERS:
        assert choose_content(entry(number), trace, article=False).content


def test_a_text_that_ends_at_once_is_refused_in_one_line(traces: dict[int, Trace]) -> None:
    trace = traces[6]
    ended = replace(trace.tokens[trace.prompt_length], role="special")
    silent = replace(trace, tokens=(*trace.tokens[: trace.prompt_length], ended))
    for number in NUMBERS:
        with pytest.raises(TraceError, match="ended the text at once"):
            choose_content(entry(number), silent, article=False)


@pytest.mark.parametrize("number", [one.number for one in CATALOGUE if one.number not in TEXT_LOOPS])
def test_every_other_content_survives_json(number: str, by_need: dict[str, Trace], given: Trace) -> None:
    trace = by_need.get(entry(number).needs, given)
    said = content(number, trace)
    adapter = TypeAdapter(type(said))
    assert adapter.validate_json(adapter.dump_json(said)) == said
    assert choose_content(entry(number), trace, article=True, subject="model").content
    if entry(number).needs not in ("text", "code"):
        with pytest.raises(TraceError, match="needs a recording"):
            choose_content(entry(number), given, article=False)
