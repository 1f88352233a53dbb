"""How the fields of a trace must fit together, which no field's own type can say. Needs no torch."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from model_trace.recording.spec import RecordingSpec
from model_trace.store.shards import PORTION, StoredTensor
from model_trace.trace import Block, FineTuning, Generation, ModelCard, Part, Trace, TraceError, TrainingRun

# Probabilities are sums of many float32, and attention patterns may be stored as float16.
ROUNDING = 1e-3

# Ids are 32-bit integers; loops go over the layers one by one.
MOST = {"vocabulary": 2**31 - 1, "layers": 2**16}
LEAST = {
    "layers": 1, "heads": 1, "key_value_heads": 1, "d_model": 1, "d_head": 1, "d_mlp": 1, "vocabulary": 1,
    "parameters": 1, "context_window": 0,
}  # fmt: skip
SHA256 = re.compile(r"[0-9a-f]{64}")

# A letter for each role: what is put around the prompt, the prompt, then what is given or generated, and
# at the very end what the tokenizer adds or the end-of-text token.
LETTERS = {"special": "s", "template": "t", "prompt": "p", "given": "g", "generated": "w"}
ORDER = re.compile(r"(?![gw])[st]*(p[pst]*)?(g*s*|w*s?)")

# The types of what the recorder writes under "provenance"; other keys are left alone.
REQUIRED = ("attention", "device", "processor", "software")
PROVENANCE: Mapping[str, tuple[type, ...]] = {
    "model_source": (str, type(None)), "attention": (str,), "device": (str,),
    "accelerator": (str, type(None)), "threads": (int,), "processor": (str,), "software": (dict,),
    "spec": (dict,), "forwards": (list,), "text": (dict,), "steps": (int,), "batch_size": (int,),
    "trained": (str,),
}  # fmt: skip


def check_relations(trace: Trace) -> None:
    """Check everything in ``trace.json`` that must agree with something else in it.

    Raises:
        ValueError: naming the field that does not fit.
    """
    _check_model(trace.model)
    _check_provenance(trace.provenance)
    _check_certificate(trace.certificate)
    strange = [id for id in trace.pieces if id >= trace.model.vocabulary]
    if strange:
        raise ValueError(f"pieces: the vocabulary of {trace.model.vocabulary} has no id {strange[0]}")
    window = trace.model.context_window
    if window and len(trace.tokens) - 1 > window:
        raise ValueError(f"tokens: {len(trace.tokens)} exceed the model's context window of {window}")
    roles = "".join(LETTERS[token.role] for token in trace.tokens)
    if not ORDER.fullmatch(roles):
        raise ValueError("tokens: their roles are not in order: the prompt, then what follows it")
    both = [name for name in trace.unavailable if f"generation/{name}" in trace.tensors]
    if both:
        raise ValueError(f"unavailable: {both[0]} is there")
    for part in trace.parts:
        match part:
            case Generation():
                _check_generation(trace, part, roles)
            case TrainingRun():
                _check_training(trace, part)
            case FineTuning():
                _check_fine_tuning(trace, part)


def check_value_relations(trace: Trace) -> None:
    """Check the tensors' values against each other and against what ``trace.json`` says.

    All tensors concerned are read, a portion at a time.

    Raises:
        TraceError: naming the tensor that does not fit.
    """
    for part in trace.parts:
        for prefix, following in _following(trace, part).items():
            _check_candidates(trace, f"{prefix}/", following)
        match part:
            case Generation():
                _check_lens(trace)
                _check_attention(trace)
                _check_choices(trace, part)
            case TrainingRun():
                _check_histograms(trace, part)
                _check_losses(trace)
                _check_block(trace, "training")
            case FineTuning():
                _check_block(trace, "fine_tuning")


def _check_model(card: ModelCard) -> None:
    for name, least in LEAST.items():
        size = getattr(card, name)
        if not least <= size <= MOST.get(name, 2**63):
            raise ValueError(f"model.{name} cannot be {size}")
    if card.key_value_heads > card.heads:
        raise ValueError(f"model.key_value_heads: {card.key_value_heads} are more than {card.heads} heads")
    for name in ("weights_sha256", "tokenizer_sha256"):
        if not SHA256.fullmatch(getattr(card, name)):
            raise ValueError(f"model.{name} is no SHA-256")
    for name in ("name", "label", "source", "architecture", "dtype"):
        if not getattr(card, name).strip():
            raise ValueError(f"model.{name} is empty")


def _check_provenance(provenance: Mapping[str, Any]) -> None:
    missing = [name for name in REQUIRED if name not in provenance]
    if missing:
        raise ValueError(f"provenance.{missing[0]} is missing")
    for name, kinds in PROVENANCE.items():
        if name in provenance and type(provenance[name]) not in kinds:
            raise ValueError(f"provenance.{name} cannot be {provenance[name]!r}")
    versions = provenance["software"]
    if "python" not in versions or not all(isinstance(each, str) and each for each in versions.values()):
        raise ValueError("provenance.software does not give a version of each package")
    for name in ("threads", "steps", "batch_size"):
        if provenance.get(name, 1) < 1:
            raise ValueError(f"provenance.{name} cannot be {provenance[name]}")
    text = provenance.get("text", {})
    if type(text.get("tokens_joined_equal_text", False)) is not bool:
        raise ValueError("provenance.text.tokens_joined_equal_text is neither true nor false")
    if not isinstance(text.get("tokenised", ""), str):
        raise ValueError("provenance.text.tokenised is no text")


def _check_certificate(certificate: Mapping[str, Any]) -> None:
    for name, found in certificate.items():
        for each in found.values() if isinstance(found, Mapping) else [found]:
            if not isinstance(each, int | float | None):
                raise ValueError(f"certificate.{name} cannot be {each!r}")


def _check_generation(trace: Trace, made: Generation, roles: str) -> None:
    mode = "given" if made.completion is not None else "greedy" if made.temperature == 0 else "sampled"
    if made.mode != mode:
        raise ValueError(f"generation.mode is {made.mode}, not {mode} as its temperature and completion say")
    if not 0 <= made.temperature < math.inf:
        raise ValueError(f"generation.temperature cannot be {made.temperature}")
    if not 0 < made.top_p <= 1:
        raise ValueError(f"generation.top_p cannot be {made.top_p}")
    if not made.prompt.strip():
        raise ValueError("generation.prompt is empty")
    if ("w" if mode == "given" else "g") in roles:
        raise ValueError(f"tokens: their roles do not fit the mode {mode}")
    written = roles.count("w") + (made.stopped == "end of text")
    if made.max_new_tokens is not None and mode != "given" and not written <= made.max_new_tokens:
        raise ValueError(f"generation.max_new_tokens: {written} are more than {made.max_new_tokens}")
    if made.max_new_tokens is not None and made.max_new_tokens < 1:
        raise ValueError(f"generation.max_new_tokens cannot be {made.max_new_tokens}")
    if (made.stopped == "given") != (mode == "given"):
        raise ValueError(f"generation.stopped cannot be {made.stopped!r} where the mode is {mode}")
    if made.stopped == "end of text" and not roles.endswith("s"):
        raise ValueError("generation.stopped: no end-of-text token is there")
    _check_text(trace, made)
    spec = _spec(trace)
    if (
        spec is not None
        and spec.layers is not None
        and not 0 <= spec.layers[0] <= spec.layers[-1] < (trace.model.layers)
    ):
        raise ValueError(f"provenance.spec.layers: the model has {trace.model.layers} layers")
    forwards = trace.provenance.get("forwards", [len(trace.tokens) - 1])
    if not all(type(rows) is int and rows > 0 for rows in forwards):
        raise ValueError("provenance.forwards: a forward is of one token at least")
    if sum(forwards) != len(trace.tokens) - 1:
        raise ValueError("provenance.forwards does not fit the number of tokens")
    if mode != "sampled" and "generation/choice_probability" in trace.tensors:
        raise ValueError("generation.mode: nothing was drawn, yet there is choice_probability")


def _check_text(trace: Trace, made: Generation) -> None:
    """The tokens' bytes are the text, where the trace says so."""
    if not trace.provenance.get("text", {}).get("tokens_joined_equal_text"):
        return
    joined = b"".join(token.bytes for token in trace.tokens if token.role in ("prompt", "given"))
    if joined != (made.prompt + (made.completion or "")).encode():
        raise ValueError("generation.prompt: the tokens joined are another text")


def _spec(trace: Trace) -> RecordingSpec | None:
    spec = trace.provenance.get("spec")
    return None if spec is None else RecordingSpec.from_json(spec)


def _check_training(trace: Trace, made: TrainingRun) -> None:
    if not made.text.strip():
        raise ValueError("training.text is empty")
    if made.label != trace.tokens[-1]:
        raise ValueError("training.label is not the last of the tokens")
    if made.features != tuple(token for token in trace.tokens[:-1] if token.role != "special"):
        raise ValueError("training.features are not the tokens before the label")
    if trace.provenance.get("steps", len(made.optimisers)) != len(made.optimisers):
        raise ValueError("training.optimisers: there is not one for each of the provenance's steps")
    if not made.optimisers:
        raise ValueError("training.optimisers: there is none")
    tried = [trial.learning_rate for search in made.searches for trial in search.trials]
    for optimiser in made.optimisers:
        _check_optimiser(optimiser, "training", tried)
    _check_parameters(made, "training")
    if not made.first_layer:
        raise ValueError("training.first_layer: there is no block")
    for place, block in enumerate(made.first_layer):
        _check_inside(block, f"training.first_layer[{place}]")
        if block.size != made.first_layer[0].size:
            raise ValueError(f"training.first_layer[{place}].size is not that of the others")


def _check_fine_tuning(trace: Trace, made: FineTuning) -> None:
    held = [pair for pair in made.pairs if pair.use == "held out"]
    if not held or [(each.english, each.expected) for each in made.answers] != [
        (pair.english, pair.french) for pair in held
    ]:
        raise ValueError("fine_tuning.answers are not one for each of the words held out")
    if "given" not in [token.role for token in trace.tokens]:
        raise ValueError("tokens: none is of the expected answer")
    if not made.batches:
        raise ValueError("fine_tuning.batches: there is none")
    size = trace.provenance.get("batch_size", len(made.batches[0]))
    for place, batch in enumerate(made.batches):
        if len(batch) != size or not all(0 <= each < len(made.pairs) for each in batch):
            raise ValueError(f"fine_tuning.batches[{place}] does not name {size} of the pairs")
        if any(made.pairs[each].use == "held out" for each in batch):
            raise ValueError(f"fine_tuning.batches[{place}] names a pair that is held out")
    trials = made.search.trials
    steps = max((trial.steps or 0 for trial in trials), default=0)
    # A search looks at every second step at least.
    if len(made.batches) > steps or steps > 2 * len(trials) or trace.provenance.get("steps", steps) != steps:
        raise ValueError("fine_tuning.search: its trials' steps do not fit the batches and the provenance")
    _check_optimiser(made.optimiser, "fine_tuning", [trial.learning_rate for trial in trials])
    _check_parameters(made, "fine_tuning")


def _check_optimiser(optimiser: Any, name: str, tried: Sequence[float]) -> None:
    betas = 2 if optimiser.name == "AdamW" else 0
    fits = len(optimiser.betas) == betas and all(0 <= beta < 1 for beta in optimiser.betas)
    if not (fits and 0 < optimiser.learning_rate < math.inf):
        raise ValueError(f"{name}: no {optimiser.name} has such settings")
    if not (0 <= optimiser.epsilon < math.inf and 0 <= optimiser.weight_decay < math.inf):
        raise ValueError(f"{name}: no {optimiser.name} has such settings")
    if optimiser.learning_rate not in tried:
        raise ValueError(f"{name}: no search tried the learning rate {optimiser.learning_rate}")


def _check_parameters(made: TrainingRun | FineTuning, name: str) -> None:
    if not made.parameters or len(set(made.parameters)) != len(made.parameters):
        raise ValueError(f"{name}.parameters: a parameter is named twice, or none is")
    if made.block.parameter not in made.parameters:
        raise ValueError(f"{name}.block is of none of the parameters")
    _check_inside(made.block, f"{name}.block")


def _check_inside(block: Block, name: str) -> None:
    if not len(block.shape) == len(block.offset) == len(block.size) == 2:
        raise ValueError(f"{name} has not two axes")
    for whole, start, size in zip(block.shape, block.offset, block.size, strict=True):
        if not (start >= 0 and size >= 1 and start + size <= whole):
            raise ValueError(f"{name} lies outside its matrix")


def _following(trace: Trace, part: Part) -> dict[str, npt.NDArray[Any]]:
    """The ids that ``next_probability`` and ``next_rank`` speak of, by the tensors' prefix."""
    match part:
        case Generation():
            return {"generation": np.array([token.id for token in trace.tokens[1:]])}
        case TrainingRun():
            steps = np.full(len(part.optimisers) + 1, part.label.id)
            return {"untrained": steps[:1], "trained": steps[:1], "training": steps}
        case FineTuning():
            first = next(token.id for token in trace.tokens if token.role == "given")
            return {"fine_tuning": np.full(len(part.batches) + 1, first)}


def _rows(trace: Trace, *names: str) -> Iterator[tuple[npt.NDArray[Any], ...]]:
    """The tensors' last axes as rows of matrices, beside one another, a portion at a time.

    Of tensors with fewer axes than the first a row is a single value.
    """
    axes = len(trace.tensors[names[0]].shape)
    flat = []
    for name in names:
        tensor = trace.tensors[name]
        values = tensor.values if isinstance(tensor, StoredTensor) else np.asarray(tensor[...])
        flat.append(values.reshape(-1, values.shape[-1] if len(values.shape) == axes else 1))
    step = max(1, PORTION // max(each.shape[1] for each in flat))
    for start in range(0, len(flat[0]), step):
        yield tuple(np.array(each[start : start + step]) for each in flat)


def _check_candidates(trace: Trace, prefix: str, following: npt.NDArray[Any]) -> None:
    """Candidates are different tokens, most probable first; the next token is in its place among them."""
    names = [f"{prefix}{name}" for name in ("top_ids", "top_logits", "top_probabilities")]
    names += [f"{prefix}{name}" for name in ("next_probability", "next_rank", "entropy")]
    if not set(names) <= trace.tensors.keys():
        return
    done = 0
    for ids, logits, top, chance, rank, entropy in _rows(trace, *names):
        _check_distinct(names[0], ids)
        if (np.diff(logits, axis=-1) > 0).any():
            raise TraceError(f"{names[1]} do not fall from the most probable on")
        here = following[done : done + len(ids), None]
        done += len(ids)
        column = (ids == here).argmax(-1)[:, None]
        listed = (ids == here).any(-1)[:, None]
        own = np.take_along_axis(top, column, -1)
        fits = np.where(listed, np.abs(own - chance) <= ROUNDING, chance <= top[:, -1:] + ROUNDING)
        if not fits.all():
            raise TraceError(f"{names[3]} does not fit {names[2]}")
        # Equally probable tokens share a rank.
        if (listed & (rank > column + 1)).any():
            raise TraceError(f"{names[4]} does not fit {names[0]}")
        if (entropy > math.log(trace.model.vocabulary) + ROUNDING).any():
            raise TraceError(f"{names[5]} is more than that of {trace.model.vocabulary} equal tokens")


def _check_distinct(name: str, ids: npt.NDArray[Any]) -> None:
    if (np.diff(np.sort(ids, axis=-1), axis=-1) == 0).any():
        raise TraceError(f"{name} names a token twice")


def _check_lens(trace: Trace) -> None:
    """The lens looks at ascending positions, and its last depth is the model's own answer."""
    found = {name.partition("/")[2] for name in trace.tensors if name.startswith("generation/lens_")}
    own = {"lens_ids": "top_ids", "lens_probabilities": "top_probabilities", "lens_entropy": "entropy"}
    own |= {"lens_next_rank": "next_rank"}
    if not found:
        return
    missing = sorted({*own, "lens_positions"} - found)
    if missing:
        raise TraceError(f"generation/{missing[0]} is missing beside the lens's other tensors")
    positions = trace.values("generation/lens_positions")
    spec = _spec(trace)
    first = 0 if spec is not None and spec.lens == "all" else trace.prompt_length - 1
    if not np.array_equal(positions, np.arange(max(first, 0), len(trace.tokens) - 1)):
        raise TraceError("generation/lens_positions are not those of the trace's spec")
    for ids, top in _rows(trace, "generation/lens_ids", "generation/lens_probabilities"):
        _check_distinct("generation/lens_ids", ids)
        if (np.diff(top, axis=-1) > 0).any() or (top.sum(-1) > 1 + ROUNDING).any():
            raise TraceError("generation/lens_probabilities are not those of a distribution, falling")
    for lens, name in own.items():
        if f"generation/{name}" not in trace.tensors:
            continue
        last = trace.values(f"generation/{lens}", -1)
        if last.shape != trace.values(f"generation/{name}", positions).shape or not np.array_equal(
            last, trace.values(f"generation/{name}", positions)
        ):
            raise TraceError(f"generation/{lens} does not end in generation/{name}")


def _check_attention(trace: Trace) -> None:
    """A token attends to itself and those before it, with weights that make up 1 at most."""
    name = "generation/attn_pattern"
    if name not in trace.tensors:
        return
    size = trace.tensors[name].shape[-1]
    done = 0
    for (pattern,) in _rows(trace, name):
        if (pattern.sum(-1, dtype=np.float64) > 1 + ROUNDING).any():
            raise TraceError(f"{name} holds a token's weights that make up more than 1")
        place = (done + np.arange(len(pattern))) % size
        done += len(pattern)
        if pattern[np.arange(size) > place[:, None]].any():
            raise TraceError(f"{name} holds a token that attends to a later one")


def _check_choices(trace: Trace, made: Generation) -> None:
    """Chances are recorded where tokens were drawn, and nowhere else."""
    name = "generation/choice_probability"
    if name not in trace.tensors:
        return
    drawn = [token.role == "generated" for token in trace.tokens[1:]]
    drawn[-1] = drawn[-1] or made.stopped == "end of text"
    chances = trace.values(name)
    if not np.array_equal(np.isnan(chances), ~np.array(drawn)):
        raise TraceError(f"{name} is not of the tokens that were drawn")
    if (chances == 0).any():
        raise TraceError(f"{name} is 0 for a token that was drawn")


def _check_histograms(trace: Trace, made: TrainingRun) -> None:
    """Edges ascend, and counts are those of all the weights of a matrix."""
    edges = "training/histogram_edges"
    if edges in trace.tensors and (np.diff(trace.values(edges)) < 0).any():
        raise TraceError(f"{edges} do not ascend")
    sizes = [float(math.prod(block.shape)) for block in made.first_layer]
    for prefix in ("untrained", "trained"):
        names = f"{prefix}/histograms", f"{prefix}/histogram_outside"
        if not set(names) <= trace.tensors.keys():
            continue
        counts = sum(trace.values(name).astype(np.float64).sum(-1) for name in names)
        if not np.array_equal(counts, [*sizes, sum(sizes)]):
            raise TraceError(f"{names[0]} do not count the weights of layer 1's matrices")
        for name in names:
            each = trace.values(name)
            if not np.array_equal(each[:-1].sum(0), each[-1]):
                raise TraceError(f"{name}: the last row is not the sum of the others")


def _check_losses(trace: Trace) -> None:
    """The loss is -log of the label's probability."""
    names = "training/loss", "training/next_probability"
    if set(names) <= trace.tensors.keys():
        loss, chance = (trace.values(name).astype(np.float64) for name in names)
        if (np.abs(np.exp(-loss) - chance) > ROUNDING).any():
            raise TraceError(f"{names[0]} is not -log of {names[1]}")


def _check_block(trace: Trace, prefix: str) -> None:
    names = [f"{prefix}/block_{name}" for name in ("before", "change", "after")]
    if not set(names) <= trace.tensors.keys():
        return
    before, change, after = (trace.values(name).astype(np.float64) for name in names)
    most = max(np.abs(each).max() for each in (before, change, after))
    if (np.abs(before + change - after) > ROUNDING * most).any():
        raise TraceError(f"{names[1]} does not lead from {names[0]} to {names[2]}")
