"""An untrained twin learns one example: what is recorded of it is what torch does, and can be checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model_trace.learning import descent, earlier
from model_trace.learning.fine_tuning import weights_sha256
from model_trace.learning.learner import Learner, adamw, trainable
from model_trace.learning.training import record_training
from model_trace.learning.training_example import distribution, example_loss, training_example
from model_trace.learning.untrained import untrained_model
from model_trace.models.checkpoints import Checkpoint
from model_trace.store import store
from model_trace.trace import Optimiser, Trace, TraceError
from model_trace.verify import verify
from tests.model_trace.families import TEXT, save_model, sentencepiece_tokenizer

Tiny = Callable[[str], Checkpoint]


@pytest.fixture(scope="module")
def trace(tiny: Tiny) -> Trace:
    return record_training(tiny("llama"), TEXT[:30], seed=3, steps=4)


@pytest.fixture(scope="module")
def saved(trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("training") / "good.trace"
    store.save(trace, path)
    return path


def gradients(checkpoint: Checkpoint, seed: int) -> tuple[Any, float]:
    """The twin with torch's own gradients of the example's loss, and their norm as torch takes it."""
    untrained = untrained_model(checkpoint, seed)
    example_loss(untrained, training_example(checkpoint, TEXT[:30])).backward()  # type: ignore[no-untyped-call]
    return untrained, float(torch.nn.utils.clip_grad_norm_(untrained.parameters(), float("inf")))


def test_gradients_are_torchs(trace: Trace, tiny: Tiny) -> None:
    untrained, norm = gradients(tiny("llama"), 3)
    recorded = trace.values("training/gradient_norm", 0)
    assert np.sqrt(np.square(recorded, dtype=np.float64).sum()) == pytest.approx(norm, rel=1e-6)
    own = trainable(untrained)
    assert tuple(own) == trace.training.parameters
    assert recorded == pytest.approx([float(w.grad.norm()) for w in own.values() if w.grad is not None])
    index = trace.values("training/sample_index")
    for place, weight in enumerate(own.values()):
        assert weight.grad is not None
        for name, values in (("before", weight), ("gradient", weight.grad)):
            expected = values.detach().flatten()[index[place]].numpy()
            assert np.array_equal(trace.values(f"training/sample_{name}", place), expected)


def test_the_first_step_is_plain_descent(trace: Trace) -> None:
    first, *later = trace.training.optimisers
    assert first.name == "SGD" and set(later) == {first}
    for prefix in ("sample", "block"):
        before, gradient, after = (
            trace.values(f"training/{prefix}_{name}") for name in ("before", "gradient", "after")
        )
        assert np.abs(before - first.learning_rate * gradient - after).max() <= 1e-7
    change = trace.values("training/block_change")
    assert np.array_equal(
        change, trace.values("training/block_after") - trace.values("training/block_before")
    )
    assert trace.certificate["update_law_max_abs_error"]["SGD"] <= 1e-7
    assert trace.certificate["gradient_norm_relative_error"] <= 1e-6


def test_no_block_changed_more(trace: Trace, tiny: Tiny) -> None:
    untrained, _ = gradients(tiny("llama"), 3)
    block = trace.training.block
    (row, column), (rows, columns) = block.offset, block.size
    sizes = {
        (name, top, left): float(weight.grad[top : top + rows, left : left + columns].norm())
        for name, weight in trainable(untrained).items()
        if ".layers." in name and weight.ndim == 2 and weight.grad is not None
        for top in range(0, weight.shape[0], rows)
        for left in range(0, weight.shape[1], columns)
    }
    assert max(sizes, key=lambda place: sizes[place]) == (block.parameter, row, column)
    recorded = trace.values("training/block_before")
    own = trainable(untrained)[block.parameter].detach()[row : row + rows, column : column + columns]
    assert np.array_equal(recorded, own.numpy())


@pytest.mark.parametrize("optimiser", [Optimiser("SGD", 0.05), adamw(0.003)])
def test_stepping_in_the_backward_pass_changes_nothing(tiny: Tiny, optimiser: Optimiser) -> None:
    example = training_example(tiny("gpt2"), TEXT)
    ours, theirs = untrained_model(tiny("gpt2"), 0), untrained_model(tiny("gpt2"), 0)
    learner = Learner(ours, optimiser)
    plain: Any = (
        torch.optim.SGD(theirs.parameters(), lr=0.05)
        if optimiser.name == "SGD"
        else torch.optim.AdamW(theirs.parameters(), lr=0.003, weight_decay=0.0, fused=True)
    )
    for _ in range(3):
        learner.step(lambda: example_loss(ours, example))
        plain.zero_grad()
        example_loss(theirs, example).backward()  # type: ignore[no-untyped-call]
        plain.step()
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(mine, other)


def test_the_loss_is_the_labels(trace: Trace) -> None:
    loss, chance = trace.values("training/loss"), trace.values("training/next_probability")
    assert len(loss) == 5
    assert np.allclose(-np.log(chance), loss, rtol=1e-4, atol=1e-5)
    assert loss[-1] < loss[1] < loss[0]
    for first, of in (("untrained", "untrained"), ("training", "training")):
        assert trace.values(f"{first}/next_probability", 0) == trace.values(f"{of}/next_probability", 0)
    assert np.array_equal(trace.values("untrained/top_ids", 0), trace.values("training/top_ids", 0))


def test_the_rate_is_the_best_tried(trace: Trace) -> None:
    (search,) = trace.training.searches
    best = min(search.trials, key=lambda trial: trial.loss or float("inf"))
    assert trace.training.optimisers[0].learning_rate == best.learning_rate
    assert best.relative_update is not None
    assert best.loss == float(trace.values("training/loss", 1)) < float(trace.values("training/loss", 0))


def test_no_weight_moves_by_more_than_the_weights_spread(trace: Trace, tiny: Tiny) -> None:
    """At the recorded rate, and at the next one some weight would."""
    own = trainable(untrained_model(tiny("llama"), 3))
    matrices = [place for place, name in enumerate(trace.training.parameters) if own[name].ndim > 1]
    change, spread = (
        trace.values(f"training/{name}")[matrices] for name in ("largest_change", "weight_deviation")
    )
    assert (change <= spread).all()
    ((trial,), rule) = (trace.training.searches[0].trials, trace.training.searches[0].rule)
    assert "standard deviation" in rule
    following = {"1": 2.0, "2": 2.5, "5": 2.0}[f"{trial.learning_rate:e}"[0]]
    assert (change * following > spread).any()


@pytest.mark.parametrize(
    ("bound", "rates"),
    [(0.0233, [0.02, 0.01, 0.005]), (0.005, [0.005, 0.002, 0.001]), (40.0, [1.0, 0.5, 0.2])],
)
def test_rates_within_a_bound(bound: float, rates: list[float]) -> None:
    assert list(descent.rates_within(bound))[:3] == rates


def test_all_steps_are_torchs_own(trace: Trace, tiny: Tiny) -> None:
    """Sharing one gradient between search and first step, and forwards between steps, changes no number."""
    example, model = training_example(tiny("llama"), TEXT[:30]), untrained_model(tiny("llama"), 3)
    plain = torch.optim.SGD(model.parameters(), lr=trace.training.optimisers[0].learning_rate)
    for step in range(5):
        plain.zero_grad()
        loss = example_loss(model, example)
        assert loss.item() == float(trace.values("training/loss", step))
        found = distribution(model, example).arrays()
        assert np.array_equal(found["top_ids"][0], trace.values("training/top_ids", step))
        assert found["next_rank"][0] == trace.values("training/next_rank", step)
        loss.backward()  # type: ignore[no-untyped-call]
        plain.step()


@pytest.mark.parametrize(
    ("prompt", "completion"),
    [(TEXT, " and more"), ("The the the the", None), ("a b", None), ("a", " b"), ("Ünïcode", " ü")],
)
def test_the_example_is_what_the_prompt_asks(tiny: Tiny, prompt: str, completion: str | None) -> None:
    """Its last tokens, and the one that follows it; of a prompt that nothing follows its own last one."""
    checkpoint = tiny("llama")
    example = training_example(checkpoint, prompt, completion)
    ids, given = (checkpoint.tokenizer(text)["input_ids"] for text in (prompt, completion or ""))
    asked, label = (ids, given[0]) if given else (ids[:-1], ids[-1])
    count = len(example.features)
    assert 1 <= count <= 4
    assert [token.id for token in example.features] == asked[-count:] == example.given
    assert example.label.id == label
    assert [token.role for token in example.tokens] == ["prompt"] * count + ["given"]
    # fewer than there are only where the first would be the rest of a character
    assert count == min(4, len(asked)) or checkpoint.pieces[asked[-count - 1]][0] >= 0x80
    assert not 0x80 <= example.features[0].bytes[0] < 0xC0


def test_what_the_model_wrote_is_the_label(tiny: Tiny) -> None:
    checkpoint = tiny("llama")
    written = checkpoint.tokenizer(" over it")["input_ids"]
    example = training_example(checkpoint, "The quick brown fox", written=written)
    assert example.label.id == written[0]
    assert "The quick brown fox".endswith("".join(token.text for token in example.features))


def test_specials_are_given_but_no_features(tmp_path: Path) -> None:
    from model_trace.models import checkpoints

    checkpoint = checkpoints.load(str(save_model(tmp_path / "x", "llama", sentencepiece_tokenizer())))
    example = training_example(checkpoint, "The fox")
    assert [token.role for token in example.tokens] == ["special", *["prompt"] * 4, "given"]
    assert len(example.features) == 4 and len(example.given) == 5


def test_layer_one_twice(trace: Trace, tiny: Tiny) -> None:
    untrained, trained = trainable(untrained_model(tiny("llama"), 3)), trainable(tiny("llama").model)
    blocks = trace.training.first_layer
    assert [block.parameter.rpartition(".layers.0.")[2] for block in blocks] == [
        *(f"self_attn.{name}_proj.weight" for name in "qkvo"),
        *(f"mlp.{name}_proj.weight" for name in ("gate", "up", "down")),
    ]
    edges = trace.values("training/histogram_edges")
    for prefix, weights in (("untrained", untrained), ("trained", trained)):
        for place, block in enumerate(blocks):
            (row, column), (rows, columns) = block.offset, block.size
            whole = weights[block.parameter].detach().numpy()
            assert np.array_equal(
                trace.values(f"{prefix}/weights", place), whole[row : row + rows, column : column + columns]
            )
            counted = trace.values(f"{prefix}/histograms", place)
            assert counted.sum() + trace.values(f"{prefix}/histogram_outside", place).sum() == whole.size
            assert np.array_equal(counted, np.histogram(whole.ravel(), edges)[0])
        counts = trace.values(f"{prefix}/histograms")
        assert np.array_equal(counts[:-1].sum(0), counts[-1])


def test_the_twin_is_seeded_and_the_model_left_alone(tiny: Tiny) -> None:
    before, state = weights_sha256(tiny("llama").model), torch.random.get_rng_state()
    one, same, other = (weights_sha256(untrained_model(tiny("llama"), seed)) for seed in (1, 1, 2))
    assert one == same != other
    record_training(tiny("llama"), TEXT, steps=2)
    assert weights_sha256(tiny("llama").model) == before
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(weight.grad is None for weight in tiny("llama").model.parameters())


def test_same_seed_same_bytes(saved: Path, trace: Trace, tiny: Tiny, tmp_path: Path) -> None:
    again = store.save(record_training(tiny("llama"), TEXT[:30], seed=3, steps=4), tmp_path / "again.trace")
    files = sorted(file.name for file in saved.iterdir())
    for name in files:
        assert (saved / name).read_bytes() == (tmp_path / "again.trace" / name).read_bytes(), name
    assert again.training == trace.training and again.tokens == trace.tokens
    assert all(np.array_equal(again.values(name), trace.values(name)) for name in trace.tensors)


@pytest.mark.parametrize("family", ["gpt2", "mixtral", "opt", "gemma2"])
def test_families(tiny: Tiny, family: str, tmp_path: Path) -> None:
    store.save(record_training(tiny(family), TEXT, steps=2), tmp_path / "x.trace")
    assert all(check.ok for check in verify(tmp_path / "x.trace", tiny(family)))


def test_verify(saved: Path, tiny: Tiny) -> None:
    checks = verify(saved, tiny("llama"))
    assert {check.name for check in checks} >= {
        "training/loss",
        "trace.json/training",
        "unhooked/gradient_norm_relative_error",
    }
    assert all(check.ok for check in checks)


@pytest.mark.parametrize(
    ("name", "index", "factor"),
    [
        ("training/gradient_norm", (2, 5), 1.01),
        ("training/block_change", (3, 3), -1),
        ("trained/weights", (1, 0, 0), 2),
        ("untrained/histograms", (0, 40), 2),
        ("training/next_probability", (4,), 0.9),
    ],
)
def test_tampered_and_sealed_again(
    saved: Path, tiny: Tiny, tmp_path: Path, name: str, index: Any, factor: float
) -> None:
    trace = store.open_trace(saved)
    changed = np.array(trace.tensors[name][...])
    changed[index] *= factor
    store.save(replace(trace, tensors={**trace.tensors, name: changed}), tmp_path / "x.trace")
    assert [check.name for check in verify(tmp_path / "x.trace", tiny("llama")) if not check.ok] == [name]


def test_a_better_rate_told(saved: Path, tiny: Tiny, tmp_path: Path) -> None:
    trace = store.open_trace(saved)
    told = replace(trace.training, optimisers=(Optimiser("SGD", 0.5), *trace.training.optimisers[1:]))
    with pytest.raises(TraceError, match=r"no search tried the learning rate 0\.5"):
        store.save(replace(trace, parts=(told,)), tmp_path / "x.trace")
    (first, *others), (search,) = trace.training.optimisers, trace.training.searches
    better = replace(search.trials[0], learning_rate=0.5, loss=0.1)
    searches = (replace(search, trials=(better, *search.trials)),)
    told = replace(trace.training, optimisers=(replace(first, learning_rate=0.5), *others), searches=searches)
    store.save(replace(trace, parts=(told,)), tmp_path / "x.trace")
    bad = [check.name for check in verify(tmp_path / "x.trace", tiny("llama")) if not check.ok]
    assert bad == [
        "trace.json/training.optimisers[0].learning_rate",
        "trace.json/training.searches[0].trials",
    ]


def test_what_earlier_versions_recorded_is_verified(tiny: Tiny, tmp_path: Path) -> None:
    """A text's first tokens, two optimisers, each rate tried over all steps."""
    trace = record_training(tiny("gpt2"), TEXT[:30], seed=3, steps=3, earlier=True)
    assert [search.rule for search in trace.training.searches] == [earlier.FIRST_RULE, earlier.LATER_RULE]
    assert TEXT.startswith("".join(token.text for token in trace.training.features))
    store.save(trace, tmp_path / "x.trace")
    assert all(check.ok for check in verify(tmp_path / "x.trace", tiny("gpt2")))


def test_what_is_no_training(trace: Trace, tiny: Tiny) -> None:
    with pytest.raises(TraceError, match="holds no generation"):
        _ = trace.generation
    with pytest.raises(TraceError, match="no tensor generation/logits: record the loops"):
        trace.tensor("generation/logits")
    with pytest.raises(TraceError, match="at least two tokens"):
        record_training(tiny("llama"), "a")
    with pytest.raises(TraceError, match="at least 2 steps"):
        record_training(tiny("llama"), TEXT, steps=1)


@pytest.mark.timeout(600)
def test_the_embedded_models_twin(embedded: Checkpoint) -> None:
    """Near chance before the first step, and far from it after."""
    example = training_example(embedded, "a robot must obey", " the")
    assert [token.text for token in example.tokens] == ["a", " robot", " must", " obey", " the"]
    untrained = untrained_model(embedded, 0)
    chance = float(distribution(untrained, example).next_probability[0])
    assert 0.1 < chance * embedded.card.vocabulary < 10
    Learner(untrained, Optimiser("SGD", 0.01)).step(lambda: example_loss(untrained, example))
    assert float(distribution(untrained, example).next_probability[0]) > 10 * chance
