"""Is a trace what it says it is? Digests, then the model again, with recording and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from model_trace.learning.fine_tuning import record_fine_tuning
from model_trace.learning.training import record_training
from model_trace.models import checkpoints
from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import generation
from model_trace.recording.distribution import Distribution
from model_trace.recording.spec import RecordingSpec
from model_trace.store import store
from model_trace.store.plain import plain
from model_trace.trace import FineTuning, Generation, Trace, TraceError, TrainingRun

# Largest relative error by which another machine or number of threads may round.
ELSEWHERE = 1e-4
# Where all that is the same the errors have always been 0; this leaves room for how memory is aligned.
HERE = 1e-6
# A training's steps make such differences grow.
LEARNT_ELSEWHERE = 5e-2
# How far a loss, norm or weight of ours may be from what torch and transformers compute by themselves.
OWN_WAYS = 1e-4
# One step of float16, where two neighbouring values round to different ones.
FLOAT16_STEP = 1e-3

# Vectors of nothing but rounding are not measured by their own size.
SMALLEST = 1e-9

# What must be the same for a computation to round the same way (keys of a trace's provenance).
SURROUNDINGS = ("software", "threads", "processor", "device", "accelerator", "attention")

# What tells one model from another; the rest of its card is only how it is called.
MODEL_FIELDS = (
    "weights_sha256", "tokenizer_sha256", "architecture", "layers", "heads", "key_value_heads", "d_model",
    "d_head", "d_mlp", "vocabulary", "context_window", "dtype",
)  # fmt: skip

Progress = Callable[[str], None]


@dataclass(frozen=True)
class TensorCheck:
    """One tensor against its counterpart.

    Names under ``unhooked/`` were compared with what the model or torch answers by itself, those under
    ``said/`` are numbers and texts of ``trace.json``, all others were compared with a new recording.
    ``max_relative_error`` is over the largest entry of each vector (the last axis; of the whole where
    that is all there is). Ids and ranks are ``ok`` only where all are equal.
    """

    name: str
    max_abs_error: float
    max_relative_error: float
    ok: bool


def verify(
    path: Path, checkpoint: Checkpoint | None = None, progress: Progress | None = None
) -> list[TensorCheck]:
    """Check a saved trace and those inside it: digests, then each tensor against the model run again.

    ``checkpoint``: the model, where it is loaded already; else it is loaded from where the trace says.
    Names of what is inside begin with its folder's.

    Raises:
        TraceError: a file was changed, the model is another, or the text comes out otherwise.
    """
    say = progress or (lambda message: None)
    inside = store.inner(path)
    for folder in (path, *inside):
        store.check_digests(folder, say)
    trace = store.open_trace(path)
    checkpoint = checkpoint or _load(trace, say)
    checks = _verify(trace, checkpoint, say)
    for folder in inside:
        found = _verify(store.open_trace(folder), checkpoint, say)
        checks += [replace(check, name=f"{folder.name}/{check.name}") for check in found]
    return checks


def _load(trace: Trace, say: Progress) -> Checkpoint:
    """The trace's model, computing in the trace's type; on its device, or a CPU where that is not here."""
    source, device = trace.provenance.get("model_source"), trace.provenance.get("device")
    if not isinstance(source, str | None) or not isinstance(device, str):
        raise TraceError("the trace does not say which model to run again, and where")
    try:
        return checkpoints.load(source, device=device, dtype=trace.model.dtype, progress=say)
    except checkpoints.NoDeviceError:
        return checkpoints.load(source, device="cpu", dtype=trace.model.dtype, progress=say)


def _verify(trace: Trace, checkpoint: Checkpoint, say: Progress) -> list[TensorCheck]:
    for what in MODEL_FIELDS:
        theirs, ours = getattr(trace.model, what), getattr(checkpoint.card, what)
        if theirs != ours:
            raise TraceError(f"the trace was recorded from another model: {what} {theirs}, here {ours}")
    say("Recording again")
    again = _again(trace, checkpoint, say)
    if [token.id for token in again.tokens] != [token.id for token in trace.tokens]:
        raise TraceError("run again, the model gives other tokens than the trace holds")
    if again.tokens != trace.tokens:
        raise TraceError("the trace's tokens do not have the bytes and roles that the tokenizer gives them")
    if again.tensors.keys() != trace.tensors.keys():
        odd = sorted(again.tensors.keys() ^ trace.tensors.keys())
        raise TraceError(f"the trace does not hold what its spec names: {odd[0]}")
    same = all(trace.provenance.get(key) == again.provenance[key] for key in SURROUNDINGS)
    if not isinstance(trace.parts[0], Generation):
        return _learnt(trace, again, same)
    tolerance = HERE if same else ELSEWHERE
    checks = [_compare(name, trace.tensors[name], again.tensors[name], tolerance) for name in trace.tensors]
    say("Running without recording")
    return checks + [
        _compare(f"unhooked/{name}", recorded, unhooked, tolerance)
        for name, recorded, unhooked in _unhooked(trace, checkpoint)
    ]


def _learnt(trace: Trace, again: Trace, same: bool) -> list[TensorCheck]:
    """A training's tensors, then what the trace says of it, then how far torch's own ways are from ours."""
    tolerance = HERE if same else LEARNT_ELSEWHERE
    checks = []
    for name in trace.tensors:
        check = _compare(name, trace.tensors[name], again.tensors[name], tolerance)
        integers = np.issubdtype(trace.tensors[name].dtype, np.integer)
        # Elsewhere rounding grows with each step, and candidates of nearly equal chance change places.
        checks.append(replace(check, ok=True) if integers and not same else check)
    for ours, theirs in zip(trace.parts, again.parts, strict=True):
        for field, value in plain(theirs).items():
            error = _apart(plain(ours)[field], value)
            checks.append(TensorCheck(f"said/{field}", error, error, error <= tolerance))
    for name, found in again.certificate.items():
        errors = found.values() if isinstance(found, Mapping) else [found]
        # What must hold is kept as true, errors as numbers.
        error = max(float(not each) if isinstance(each, bool) else float(each) for each in errors)
        checks.append(TensorCheck(f"unhooked/{name}", error, error, error <= OWN_WAYS))
    return checks


def _apart(ours: Any, theirs: Any) -> float:
    """How far numbers differ, relatively, in two structures that else are equal; infinite if they are not."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        return max((_apart(ours[key], theirs[key]) for key in ours), default=0.0)
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return max((_apart(*pair) for pair in zip(ours, theirs, strict=True)), default=0.0)
    if isinstance(ours, float) and isinstance(theirs, float):
        return abs(ours - theirs) / max(abs(theirs), SMALLEST)
    return 0.0 if ours == theirs else float("inf")


def _again(trace: Trace, checkpoint: Checkpoint, say: Progress) -> Trace:
    made = trace.parts[0]
    source = trace.provenance
    if isinstance(made, TrainingRun):
        return record_training(checkpoint, made.text, seed=made.seed, steps=source["steps"], progress=say)
    if isinstance(made, FineTuning):
        sizes = {"steps": source["steps"], "batch_size": source["batch_size"]}
        return record_fine_tuning(checkpoint, made.pairs, seed=made.seed, progress=say, **sizes)
    return generation.record(
        checkpoint,
        made.prompt,
        made.completion,
        spec=RecordingSpec.from_json(trace.provenance["spec"]),
        max_new_tokens=made.max_new_tokens,
        temperature=made.temperature,
        top_p=made.top_p,
        seed=made.seed,
    )


@torch.inference_mode()
def _unhooked(trace: Trace, checkpoint: Checkpoint) -> Iterator[tuple[str, Any, npt.NDArray[Any]]]:
    """Recorded tensors beside what the model gives through its own outputs, in the same forwards."""
    model = checkpoint.model
    ids = torch.tensor([token.id for token in trace.tokens], device=model.device)
    spec = RecordingSpec.from_json(trace.provenance["spec"])
    hidden: list[torch.Tensor] = []
    parts: list[Distribution] = []
    cache: Any = None
    done = 0
    for rows in trace.provenance["forwards"]:
        answer = model(
            input_ids=ids[None, done : done + rows],
            past_key_values=cache,
            use_cache=True,
            output_hidden_states=True,
        )
        cache = answer.past_key_values
        done += rows
        following = ids[done - rows + 1 : done + 1]
        parts.append(Distribution.of(answer.logits[0], following, spec.candidates))
        if answer.hidden_states is not None:
            # Its last entry has gone through the final norm: it is no stream.
            hidden.append(torch.stack([state[0] for state in answer.hidden_states[:-1]]))
    for name, array in Distribution.join(parts).arrays().items():
        yield name, trace.tensors[f"generation/{name}"], array
    if hidden and "generation/resid_pre" in trace.tensors:
        streams = torch.cat(hidden, dim=1).float().cpu().numpy()
        kept = list(spec.layers) if spec.layers is not None else slice(None)
        yield "resid_pre", trace.tensors["generation/resid_pre"], streams[kept]


def _compare(name: str, recorded: Any, computed: Any, tolerance: float) -> TensorCheck:
    ours = np.asarray(recorded[...])
    theirs = np.asarray(computed[...])
    if ours.shape != theirs.shape:
        raise TraceError(f"{name} is {list(ours.shape)} in the trace and {list(theirs.shape)} run again")
    if np.issubdtype(ours.dtype, np.integer):
        apart = np.abs(ours.astype(np.int64) - theirs)
        return TensorCheck(name, float(apart.max()), float((apart > 0).mean()), not apart.any())
    tolerance = max(tolerance, FLOAT16_STEP) if ours.dtype == np.float16 else tolerance
    ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
    if not np.array_equal(np.isnan(ours), np.isnan(theirs)):
        return TensorCheck(name, float("inf"), float("inf"), False)
    # Only choice_probability has NaN, where nothing was drawn.
    errors = np.nan_to_num(np.abs(ours - theirs), posinf=np.inf)
    # Per vector: a few entries of the residual stream are thousands of times the others.
    scales = np.nan_to_num(np.abs(theirs)).max(axis=-1 if theirs.ndim > 1 else None, keepdims=True)
    relative = float((errors / np.maximum(scales, SMALLEST)).max())
    return TensorCheck(name, float(errors.max()), relative, relative <= tolerance)
