"""Verify a trace: check its digests, then run the model again, with recording and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from model_trace.learning import earlier
from model_trace.learning.fine_tuning import EARLIER, record_fine_tuning
from model_trace.learning.training import record_training
from model_trace.models import checkpoints
from model_trace.models.checkpoints import Checkpoint
from model_trace.models.sources import NotCachedError
from model_trace.recording import generation
from model_trace.recording.assembly import assemble
from model_trace.recording.distribution import Distribution
from model_trace.recording.spec import RecordingSpec
from model_trace.recording.temperatures import record_temperatures
from model_trace.store import store
from model_trace.trace import FineTuning, Generation, Temperatures, Token, Trace, TraceError, TrainingRun
from model_trace.verify_fields import ENVIRONMENT, NOTHING, leaves, sections, shortened

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

# What tells one model from another: where these differ, there is nothing to run again.
MODEL_FIELDS = (
    "weights_sha256", "tokenizer_sha256", "architecture", "layers", "heads", "key_value_heads", "d_model",
    "d_head", "d_mlp", "vocabulary", "context_window", "dtype",
)  # fmt: skip

# What a provenance tells since version 0.1, by its section.
ADDED_SINCE_0_1 = {"spec": ("pattern_rows",), "text": ("left_off", "chat_template")}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class TensorCheck:
    """One tensor, or a part of ``trace.json``, against its counterpart.

    Names under ``unhooked/`` were compared with what the model or torch answers by itself, those under
    ``trace.json/`` are fields of that file, all others were compared with a new recording.
    ``max_relative_error`` is over the largest entry of each vector (the last axis; of the whole where
    that is all there is). Ids and ranks are ``ok`` only where all are equal. ``difference`` says in words
    what differs, for a field that does.
    """

    name: str
    max_abs_error: float
    max_relative_error: float
    ok: bool
    difference: str = ""

    def __str__(self) -> str:
        errors = f"largest error {self.max_abs_error:.3g} (relative {self.max_relative_error:.3g})"
        return self.difference or errors


def verify(
    path: Path,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
    *,
    model: str | None = None,
) -> list[TensorCheck]:
    """Check a saved trace and those inside it: digests, then each tensor and field against a new run.

    ``checkpoint``: the model, where it is loaded already. ``model``: the folder or hub id to load it from.
    Without either it is the embedded model or one in the hub's local cache, as the trace says: a folder
    that a trace names is not opened, and nothing is downloaded. Names of what is inside begin with its
    folder's.

    Raises:
        TraceError: a file was changed, the model is another, or the text comes out otherwise.
    """
    say = progress or (lambda message: None)
    inside = store.inner(path)
    for folder in (path, *inside):
        store.check_digests(folder, say)
    trace = store.open_trace(path)
    checkpoint = checkpoint or _load(trace, model, say)
    checks = _verify(trace, checkpoint, say)
    for folder in inside:
        found = _verify(store.open_trace(folder), checkpoint, say)
        checks += [replace(check, name=f"{folder.name}/{check.name}") for check in found]
    return checks


def _load(trace: Trace, model: str | None, say: Progress) -> Checkpoint:
    """The trace's model, computing in the trace's type; on its device, or a CPU where that is not here."""
    source = trace.provenance.get("model_source", NOTHING) if model is None else model
    if source is NOTHING:
        raise TraceError("the trace does not say which model to run again: give it with --model")
    # A trace may come from anywhere: what it names is looked for in the hub's cache, and nowhere else.
    cached_only = model is None and source is not None
    load = partial(checkpoints.load, source, dtype=trace.model.dtype, progress=say, cached_only=cached_only)
    try:
        return load(device=trace.provenance["device"])
    except checkpoints.NoDeviceError:
        return load(device="cpu")
    except NotCachedError as error:
        raise TraceError(
            f"the trace was recorded from {source!r}, which is not in the hub's local cache: "
            "give the model's folder or hub id with --model"
        ) from error


def _verify(trace: Trace, checkpoint: Checkpoint, say: Progress) -> list[TensorCheck]:
    for what in MODEL_FIELDS:
        theirs, ours = getattr(trace.model, what), getattr(checkpoint.card, what)
        if theirs != ours:
            raise TraceError(
                f"the trace is of another model ({what} {theirs}, here {ours}): name it with --model"
            )
    _check_spec(trace)
    say("Recording again")
    again = _again(trace, checkpoint, say)
    if trace.tokens[0].surface is None:
        again = _of_schema_2(again)
    if [token.id for token in again.tokens] != [token.id for token in trace.tokens]:
        raise TraceError("run again, the model gives other tokens than the trace holds: record it again")
    if again.tensors.keys() != trace.tensors.keys():
        odd = sorted(again.tensors.keys() ^ trace.tensors.keys())
        raise TraceError(f"the trace does not hold {odd[0]}, which its spec names: record it again")
    for name, tensor in again.tensors.items():
        if trace.tensors[name].dtype != tensor.dtype:
            raise TraceError(
                f"{name} is of {trace.tensors[name].dtype} in the trace, run again {tensor.dtype}"
            )
    same = all(trace.provenance.get(key) == again.provenance[key] for key in ENVIRONMENT)
    if not isinstance(trace.parts[0], Generation):
        return _learnt(trace, again, same) + _fields(trace, again, checkpoint, same)
    tolerance = HERE if same else ELSEWHERE
    checks = [_compare(name, trace.tensors[name], again.tensors[name], tolerance) for name in trace.tensors]
    say("Running without recording")
    checks += [
        _compare(f"unhooked/{name}", recorded, unhooked, tolerance)
        for name, recorded, unhooked in _unhooked(trace, checkpoint, again.provenance["forwards"])
    ]
    return checks + _fields(trace, again, checkpoint, same)


def _check_spec(trace: Trace) -> None:
    """Refuse a spec of tensors that the trace does not hold before memory is taken for them."""
    wanted = RecordingSpec.from_json(trace.provenance.get("spec", {})).tensors
    if isinstance(trace.parts[0], Generation):
        for name in wanted:
            if f"generation/{name}" not in trace.tensors and name not in trace.unavailable:
                raise TraceError(f"the trace lacks generation/{name}, which its spec names: record it again")


def _of_schema_2(trace: Trace) -> Trace:
    """Return the trace as version 0.1 recorded it: without the fields that were added since."""

    def bare(tokens: Sequence[Token]) -> tuple[Token, ...]:
        return tuple(replace(token, surface=None) for token in tokens)

    parts = tuple(
        replace(part, features=bare(part.features), label=bare([part.label])[0])
        if isinstance(part, TrainingRun)
        else part
        for part in trace.parts
    )
    provenance = dict(trace.provenance)
    for section, added in ADDED_SINCE_0_1.items():
        if section in provenance:
            kept = {name: value for name, value in provenance[section].items() if name not in added}
            provenance[section] = kept
    return replace(trace, tokens=bare(trace.tokens), parts=parts, provenance=provenance)


def _learnt(trace: Trace, again: Trace, same: bool) -> list[TensorCheck]:
    """A training's tensors, then how far torch's own ways are from ours."""
    tolerance = HERE if same else LEARNT_ELSEWHERE
    checks = []
    for name in trace.tensors:
        check = _compare(name, trace.tensors[name], again.tensors[name], tolerance)
        integers = np.issubdtype(trace.tensors[name].dtype, np.integer)
        # Elsewhere rounding grows with each step, and candidates of nearly equal chance change places.
        checks.append(replace(check, ok=True) if integers and not same else check)
    # In a shorter type than float32 a text in one forward comes out visibly otherwise than token by token.
    checked = again.certificate if again.model.dtype == "float32" or not _is_drawn(again) else {}
    for name, found in checked.items():
        if found is None:
            continue
        errors = found.values() if isinstance(found, Mapping) else [found]
        # What must hold is kept as true, errors as numbers.
        error = max(float(not each) if isinstance(each, bool) else float(each) for each in errors)
        checks.append(TensorCheck(f"unhooked/{name}", error, error, error <= OWN_WAYS))
    return checks


def _is_drawn(trace: Trace) -> bool:
    return isinstance(trace.parts[0], Temperatures)


def _fields(trace: Trace, again: Trace, checkpoint: Checkpoint, same: bool) -> list[TensorCheck]:
    """Compare ``trace.json`` field by field, all but its tensors.

    One check for each of its sections where all is as it should be, else one for each field that differs.
    """
    learnt = not isinstance(trace.parts[0], Generation)
    tolerance = HERE if same else LEARNT_ELSEWHERE if learnt else ELSEWHERE
    recorded, found = (sections(each, checkpoint) for each in (trace, again))
    if learnt and not same:
        # Other candidates may come up elsewhere: of those that are told the bytes are compared.
        found["pieces"] = {str(id): checkpoint.pieces[id].hex() for id in trace.pieces}
    checks = []
    for section in {**recorded, **found}:
        # A certificate's numbers are errors: what matters is how far they are from 0.
        limits = (min(tolerance, OWN_WAYS), 1.0) if section == "certificate" else (tolerance, SMALLEST)
        compared = list(
            leaves(section, recorded.get(section, NOTHING), found.get(section, NOTHING), limits[1])
        )
        wrong = [
            TensorCheck(
                f"trace.json/{name}",
                error,
                error,
                False,
                f"the trace says {shortened(one)}, here {shortened(other)}",
            )
            for name, error, one, other in compared
            if error > limits[0]
        ]
        largest = max((error for _, error, _, _ in compared), default=0.0)
        checks += wrong or [TensorCheck(f"trace.json/{section}", largest, largest, True)]
    return checks


def _again(trace: Trace, checkpoint: Checkpoint, say: Progress) -> Trace:
    """The recording made once more; its sizes are those of what the trace holds."""
    made = trace.parts[0]
    if isinstance(made, TrainingRun):
        return record_training(
            checkpoint,
            made.prompt,
            made.completion,
            written=made.written,
            chat=made.chat,
            seed=made.seed,
            steps=len(made.optimisers),
            progress=say,
            earlier=made.searches[0].rule == earlier.FIRST_RULE,
        )
    if isinstance(made, Temperatures):
        return record_temperatures(
            checkpoint,
            made.prompt,
            temperatures=made.temperatures,
            max_new_tokens=made.max_new_tokens,
            seed=made.seed,
            chat=made.chat,
            progress=say,
        )
    if isinstance(made, FineTuning):
        before = made.search.rule == EARLIER.rule
        # The search looked at the last step, too.
        tried = max(each.steps or 0 for each in made.search.trials)
        return record_fine_tuning(
            checkpoint,
            made.pairs,
            seed=made.seed,
            steps=tried if before else len(made.batches),
            batch_size=len(made.batches[0]),
            progress=say,
            earlier=before,
        )
    return _generated(trace, made, checkpoint)


def _generated(trace: Trace, made: Generation, checkpoint: Checkpoint) -> Trace:
    """A generation once more, of as many tokens as the trace holds."""
    plan = generation.prepare(
        checkpoint,
        made.prompt,
        made.completion,
        made.max_new_tokens,
        made.temperature,
        made.top_p,
        made.seed,
        made.chat,
    )
    length = len(plan.encoded.tokens)
    if plan.encoded.ids != [token.id for token in trace.tokens[:length]]:
        raise TraceError("the trace's text gives other tokens than the trace holds: record it again")
    written = len(trace.tokens) - length
    limit = plan.limit
    plan = replace(plan, limit=min(limit, written))
    spec = RecordingSpec.from_json(trace.provenance.get("spec", {}))
    ran = generation.run(checkpoint, plan, spec)
    if ran.stopped == "length" and written < limit:
        # Nothing but its number of tokens ended the text.
        plan = replace(plan, max_new_tokens=written)
    return assemble(checkpoint, plan, spec, ran)


@torch.inference_mode()
def _unhooked(
    trace: Trace, checkpoint: Checkpoint, forwards: list[int]
) -> Iterator[tuple[str, Any, npt.NDArray[Any]]]:
    """Recorded tensors beside what the model gives through its own outputs, in the same forwards."""
    model = checkpoint.model
    ids = torch.tensor([token.id for token in trace.tokens], device=model.device)
    spec = RecordingSpec.from_json(trace.provenance["spec"])
    hidden: list[torch.Tensor] = []
    parts: list[Distribution] = []
    cache: Any = None
    done = 0
    for rows in forwards:
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
        raise TraceError(
            f"{name} is {list(ours.shape)} in the trace, and {list(theirs.shape)} now: record it again"
        )
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
