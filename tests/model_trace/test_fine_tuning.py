"""A fine-tuning trains a copy on its words alone, asks the held-out ones, and records what came of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model_trace.learning import examples as teaching
from model_trace.learning import fine_tuning
from model_trace.learning.examples import lesson
from model_trace.learning.fine_tuning import (
    draw_batches,
    record_fine_tuning,
    restore,
    training_copy,
    weights_sha256,
)
from model_trace.learning.learner import Learner, trainable
from model_trace.learning.pairs import read_pairs
from model_trace.models.checkpoints import Checkpoint
from model_trace.request import FineTuningRequest, ModelChoice, TrainingRequest
from model_trace.store import store
from model_trace.trace import Pair, Trace, TraceError
from model_trace.verify import verify
from tests.heard import Heard
from tests.model_trace.families import save_model
from traced_loops.jobs.recordings import obtain

OWN = Path(__file__).parents[2] / "scenes" / "s10_fine_tuning" / "pairs.tsv"
WORDS = (
    *(Pair(f"w{letter}", f"m{letter}", "training") for letter in "abcdefghij"),
    *(Pair(f"w{letter}", f"m{letter}", "validation") for letter in "kl"),
    *(Pair(f"w{letter}", f"m{letter}", "held out") for letter in "xyz"),
)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """A tiny model whose window holds the prompt, byte by byte."""
    from model_trace.models import checkpoints

    folder = tmp_path_factory.mktemp("models") / "long"
    return checkpoints.load(str(save_model(folder, "llama", max_position_embeddings=256)))


@pytest.fixture(scope="module")
def trace(long: Checkpoint) -> Trace:
    return record_fine_tuning(long, WORDS, seed=5, steps=6, batch_size=4)


@pytest.fixture(scope="module")
def saved(trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fine-tuning") / "good.trace"
    store.save(trace, path)
    return path


def test_our_own_phrases() -> None:
    """Twelve phrases are held out, in alphabetical order, whose words are all met in training."""
    phrases = read_pairs(OWN)
    uses = [pair.use for pair in phrases]
    assert (uses.count("training"), uses.count("validation"), uses.count("held out")) == (42, 6, 12)
    assert len({pair.english for pair in phrases}) == len(phrases)
    held_out = [pair.english for pair in phrases if pair.use == "held out"]
    assert held_out == sorted(held_out)
    met = {word for pair in phrases if pair.use == "training" for word in pair.english.split()}
    assert all(set(english.split()) <= met for english in held_out)


def test_held_out_words_are_never_trained_on(trace: Trace) -> None:
    made = trace.fine_tuning
    assert len(made.batches) == 6
    assert [(trial.learning_rate, trial.steps) for trial in made.search.trials] == [(1e-4, 2), (2e-4, 2)]
    best = min(made.search.trials, key=lambda trial: trial.loss or 9e9)
    assert made.optimiser.learning_rate == best.learning_rate
    assert {made.pairs[place].use for batch in made.batches for place in batch} == {"training", "validation"}
    trained = {made.pairs[place] for batch in made.batches for place in batch}
    assert trained and all(pair.use != "held out" for pair in trained)
    assert [answer.english for answer in made.answers] == ["wx", "wy", "wz"]
    # All have their turn before any has a second.
    drawn = draw_batches(range(12), 4, 6, 5)
    assert all(
        sorted(place for batch in drawn[at : at + 3] for place in batch) == [*range(12)] for at in (0, 3)
    )


def test_no_held_out_word_reaches_a_gradient(long: Checkpoint) -> None:
    """Whatever the held-out answers are, the weights come out the same."""
    other = tuple(replace(pair, french="zzz") if pair.use == "held out" else pair for pair in WORDS)
    one, two = (record_fine_tuning(long, words, steps=3, batch_size=4) for words in (WORDS, other))
    for name in ("loss", "gradient_norm", "update_norm", "block_after"):
        assert np.array_equal(one.values(f"fine_tuning/{name}"), two.values(f"fine_tuning/{name}")), name
    assert one.fine_tuning.search == two.fine_tuning.search
    assert not np.array_equal(
        one.values("fine_tuning/held_out_loss"), two.values("fine_tuning/held_out_loss")
    )


def test_the_loss_is_the_answers_alone(trace: Trace, long: Checkpoint) -> None:
    held = [lesson(long, pair) for pair in WORDS if pair.use == "held out"]
    for each, pair in zip(held, ("x", "y", "z"), strict=True):
        assert (
            b"".join(token.bytes for token in each.tokens) == f"English: w{pair}\nFrench: m{pair}\n".encode()
        )
        assert b"".join(t.bytes for t in each.tokens[each.start :]) == f" m{pair}\n".encode()
    with torch.no_grad():
        total, count = 0.0, 0
        for each in held:
            # One by one, without padding.
            chances = long.model(input_ids=torch.tensor([each.ids])).logits[0].log_softmax(-1)
            for place in range(each.start, len(each.ids)):
                total -= float(chances[place - 1, each.ids[place]])
                count += 1
    assert trace.values("fine_tuning/held_out_loss", 0) == pytest.approx(total / count, rel=1e-5)
    assert trace.certificate["loss_by_the_model_error"] <= 1e-5
    assert trace.certificate["update_law_max_abs_error"] <= 1e-6
    steps = len(trace.fine_tuning.batches)
    assert len(trace.values("fine_tuning/held_out_loss")) == steps + 1
    assert len(trace.values("fine_tuning/next_probability")) == steps + 1
    assert trace.values("fine_tuning/word_loss").shape == (2, 3)


def test_right_answers_are_counted(trace: Trace, tmp_path: Path) -> None:
    answers = trace.fine_tuning.answers
    for row, texts in enumerate(([a.before for a in answers], [a.after for a in answers])):
        right = [text == each.expected for text, each in zip(texts, answers, strict=True)]
        assert trace.values("fine_tuning/right", row) == sum(right)
    for count in (-1, 1):
        wrong = trace.values("fine_tuning/right") + np.array((0, count))
        told = replace(trace, tensors={**trace.tensors, "fine_tuning/right": wrong})
        store.save(told, tmp_path / "x.trace")
        with pytest.raises(TraceError, match="fine_tuning/right"):
            store.open_checked(tmp_path / "x.trace")


def test_what_earlier_versions_recorded_is_verified(long: Checkpoint, tmp_path: Path) -> None:
    """Every rate tried over all steps, whose number the search finds too; nothing was counted."""
    made = record_fine_tuning(long, WORDS, seed=5, steps=4, batch_size=4, earlier=True)
    assert {trial.steps for trial in made.fine_tuning.search.trials} == {2, 4}
    assert "fine_tuning/right" not in made.tensors
    store.save(made, tmp_path / "x.trace")
    assert all(check.ok for check in verify(tmp_path / "x.trace", long))


def test_a_restored_copy_is_the_model_again(long: Checkpoint) -> None:
    model = training_copy(long)
    for weight in trainable(model).values():
        weight.data.mul_(1.5)
    assert weights_sha256(model) != weights_sha256(long.model)
    restore(model, long)
    assert weights_sha256(model) == weights_sha256(long.model)


def test_it_learns(trace: Trace) -> None:
    losses = trace.values("fine_tuning/loss")
    assert losses[-1] < losses[0]


def test_the_embedding_is_left_out(trace: Trace, long: Checkpoint) -> None:
    """Tied or not: what it shares memory with is frozen with it, and all else is trained."""
    made = trace.fine_tuning
    every = dict(long.model.named_parameters())
    tables = {id(long.model.get_input_embeddings().weight), id(long.model.get_output_embeddings().weight)}
    assert list(made.parameters) == [name for name, weight in every.items() if id(weight) not in tables]
    assert len(made.parameters) < len(every)
    # The loaded model itself stays trainable.
    assert all(weight.requires_grad for weight in every.values())
    assert all(trace.values("fine_tuning/update_norm") > 0)


def test_answers_do_not_depend_on_their_batch(long: Checkpoint) -> None:
    """Prompts of different lengths, padded: each is answered as it is alone."""
    asked = [lesson(long, Pair(english, "m", "held out")) for english in ("w", "wabcde", "waz")]
    together = teaching.write(long.model, long, asked, 6)
    assert together == [teaching.write(long.model, long, [each], 6)[0] for each in asked]


def test_the_probe_is_the_first_held_out(trace: Trace) -> None:
    first = WORDS[-3]
    text = b"".join(token.bytes for token in trace.tokens)
    assert text == f"English: {first.english}\nFrench: {first.french}\n".encode()
    assert trace.tokens[trace.prompt_length - 1].text == ":"


def test_the_model_is_left_bit_for_bit(long: Checkpoint) -> None:
    before = weights_sha256(long.model)
    made = record_fine_tuning(long, WORDS, steps=2, batch_size=4)
    assert weights_sha256(long.model) == before
    assert made.certificate["model_unchanged"] is True
    assert made.values("fine_tuning/update_norm").max() > 0

    def interrupt(task: str, done: int, total: int, state: str) -> None:
        assert task == "fine-tuning" and done <= total
        if state == "steps":  # not of the search
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record_fine_tuning(long, WORDS, steps=3, batch_size=4, progress=interrupt)
    assert weights_sha256(long.model) == before
    assert all(weight.grad is None for weight in long.model.parameters())
    assert not long.model.training


def test_the_digest_sees_one_bit(long: Checkpoint) -> None:
    model = training_copy(long)
    before = weights_sha256(model)
    weight = next(iter(trainable(model).values())).detach().view(-1)
    weight[3] = torch.nextafter(weight[3], torch.tensor(9.0))
    assert weights_sha256(model) != before


def test_what_all_steps_did(trace: Trace, long: Checkpoint) -> None:
    made = trace.fine_tuning
    model = training_copy(long)
    learner = Learner(model, made.optimiser)
    lessons = [lesson(long, pair) for pair in made.pairs]
    for number, batch in enumerate(made.batches):
        step = learner.step(lambda batch=batch: teaching.answers(model, [lessons[i] for i in batch]).loss())  # type: ignore[misc]
        assert np.allclose(trace.values("fine_tuning/gradient_norm", number), step.gradient_norms, rtol=1e-6)
    after, before = trainable(model), trainable(long.model)
    for place, name in enumerate(made.parameters):
        change = (after[name] - before[name]).detach()
        assert trace.values("fine_tuning/update_norm", place) == pytest.approx(float(change.norm()), rel=1e-5)
    block = made.block
    (row, column), (rows, columns) = block.offset, block.size
    own = after[block.parameter].detach()[row : row + rows, column : column + columns].numpy()
    assert np.array_equal(trace.values("fine_tuning/block_after"), own)
    assert np.array_equal(
        trace.values("fine_tuning/block_change"), own - trace.values("fine_tuning/block_before")
    )


def test_same_seed_same_bytes(saved: Path, trace: Trace, long: Checkpoint, tmp_path: Path) -> None:
    again = record_fine_tuning(long, WORDS, seed=5, steps=6, batch_size=4)
    back = store.save(again, tmp_path / "again.trace")
    for file in saved.iterdir():
        assert file.read_bytes() == (tmp_path / "again.trace" / file.name).read_bytes(), file.name
    assert back.fine_tuning == trace.fine_tuning
    assert draw_batches(range(9), 4, 5, 1) != draw_batches(range(9), 4, 5, 2)


def test_verify(saved: Path, long: Checkpoint, tmp_path: Path) -> None:
    assert all(check.ok for check in verify(saved, long))
    trace = store.open_trace(saved)
    losses = np.array(trace.tensors["fine_tuning/held_out_loss"][...])
    losses[-1] *= 0.5
    tampered: Any = {**trace.tensors, "fine_tuning/held_out_loss": losses}
    answers = (replace(trace.fine_tuning.answers[0], after="better"), *trace.fine_tuning.answers[1:])
    told = replace(trace.fine_tuning, answers=answers)
    store.save(replace(trace, tensors=tampered, parts=(told,)), tmp_path / "x.trace")
    bad = [check.name for check in verify(tmp_path / "x.trace", long) if not check.ok]
    assert bad == ["fine_tuning/held_out_loss", "trace.json/fine_tuning.answers[0].after"]


def test_recorded_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, long: Checkpoint) -> None:
    monkeypatch.setattr("model_trace.files.user_folder", lambda: tmp_path)
    model = ModelChoice(long.source)
    requests = (FineTuningRequest(WORDS, model), TrainingRequest("The quick brown fox", model))
    said = Heard()
    first = obtain(requests, said)
    assert said
    said.clear()
    second = obtain(requests, said)
    assert not said
    assert [trace.digest for trace in first.values()] == [trace.digest for trace in second.values()]
    assert first[requests[0]].fine_tuning.seed == 0 and first[requests[1]].training.seed == 0
    changed = FineTuningRequest((*WORDS[:-1], replace(WORDS[-1], french="other")), model)
    obtain([changed], said)
    assert said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dog chien", "line 1: write a pair as"),
        ("dog\tchien\tmaybe", "line 1: a third column says"),
        ("dog\t\n", "line 1: write a pair as"),
        ("# nothing\n", "too few words to train on: 0"),
        (
            "\n".join(f"w{n}\tm{n}" for n in range(9)) + "\nw1\tx\theld out",
            "lists 'w1' as held out and also to train on",
        ),
    ],
)
def test_lists_that_will_not_do(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "pairs.tsv").write_text(text)
    with pytest.raises(TraceError, match=message):
        read_pairs(tmp_path / "pairs.tsv")
    with pytest.raises(TraceError, match="cannot be read"):
        read_pairs(tmp_path / "none.tsv")


def test_a_list_without_marks_keeps_its_last_fifth_back(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("".join(f"w{number}\tm{number}\n" for number in range(15)))
    assert [pair.english for pair in read_pairs(tmp_path / "pairs.tsv") if pair.use == "held out"] == [
        "w12", "w13", "w14",
    ]  # fmt: skip


def test_too_few_words(long: Checkpoint) -> None:
    with pytest.raises(TraceError, match="at least 8 words"):
        record_fine_tuning(long, WORDS[:4])
    assert len([p for p in read_pairs(OWN) if p.use != "held out"]) <= fine_tuning.STEPS * fine_tuning.BATCH
