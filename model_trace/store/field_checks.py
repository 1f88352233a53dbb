"""Check that the fields of ``trace.json`` fit together. Needs no torch."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from model_trace.recording.spec import RecordingSpec
from model_trace.trace import Block, FineTuning, Generation, ModelCard, Temperatures, Trace, TrainingRun

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
    "trained": (str,), "drawn": (str,),
}  # fmt: skip


def check_fields(trace: Trace) -> None:
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
            case Temperatures():
                _check_temperatures(trace, part)


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
        if not 1 <= provenance.get(name, 1) < 2**63:
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
    spec = spec_of(trace)
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


def spec_of(trace: Trace) -> RecordingSpec | None:
    """The spec of a generation's recording, None where there is none."""
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
    held_out = [pair for pair in made.pairs if pair.use == "held out"]
    if not held_out or [(each.english, each.expected) for each in made.answers] != [
        (pair.english, pair.french) for pair in held_out
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
    tried = max((trial.steps or 0 for trial in trials), default=0)
    steps = trace.provenance.get("steps", max(tried, len(made.batches)))
    # All steps are taken; or a search, which looks at every second one at least, found their number.
    if not max(tried, len(made.batches)) <= steps <= max(len(made.batches), 2 * len(trials)):
        raise ValueError("fine_tuning.search: its trials' steps do not fit the batches and the provenance")
    _check_optimiser(made.optimiser, "fine_tuning", [trial.learning_rate for trial in trials])
    _check_parameters(made, "fine_tuning")


def _check_temperatures(trace: Trace, made: Temperatures) -> None:
    if not made.prompt.strip():
        raise ValueError("temperatures.prompt is empty")
    if not made.temperatures or len(made.lanes) != len(made.temperatures):
        raise ValueError("temperatures.lanes: there is not one for each temperature")
    if not all(0 < each < math.inf for each in made.temperatures):
        raise ValueError("temperatures.temperatures: nothing is drawn at one of these")
    for place, lane in enumerate(made.lanes):
        name = f"temperatures.lanes[{place}]"
        roles = [token.role for token in lane.tokens]
        if not 1 <= len(roles) <= made.max_new_tokens:
            raise ValueError(f"{name}: {len(roles)} tokens are none, or more than {made.max_new_tokens}")
        if any(role != "generated" for role in roles[:-1]) or roles[-1] not in ("generated", "special"):
            raise ValueError(f"{name}: its tokens' roles are not those of a text that was written")
        for token in lane.tokens:
            piece = trace.pieces.get(token.id)
            if piece is None or piece != token.bytes or token.text != piece.decode("utf-8", "replace"):
                raise ValueError(f"{name}: a token's id, bytes and text disagree")
    if trace.tokens[trace.prompt_length :] != made.lanes[0].tokens:
        raise ValueError("tokens: the prompt is not followed by the first lane's")


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
