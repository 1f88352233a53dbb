"""From a prompt to a recorded text: the model's own continuation, or a given one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model_trace.models.checkpoints import Checkpoint
from model_trace.models.pieces import Encoded, encode, surfaces, token
from model_trace.progress import Progress, silent
from model_trace.recording.assembly import assemble
from model_trace.recording.distribution import Distribution, check_finite
from model_trace.recording.recorder import STREAM, Recorder
from model_trace.recording.runs import GenerationRun, Plan, Stopped
from model_trace.recording.sampler import Sampler
from model_trace.recording.sizes import portion, recording_size
from model_trace.recording.spec import RecordingSpec
from model_trace.request import Request
from model_trace.resources import check_disk, check_memory
from model_trace.trace import ModelCard, Token, Trace, TraceError

DEFAULT_NEW_TOKENS = 8
CHAT_NEW_TOKENS = 32  # an answer's first sentence, in most cases

# A mark that ends a sentence, with closing quotes and brackets after it, at the very end.
SENTENCE_END = re.compile(r"[\w\)\]\"'”’»][.!?…。！？]+[\"'”’»)\]]*\s*$")


def record(
    checkpoint: Checkpoint,
    prompt: str,
    completion: str | None = None,
    *,
    spec: RecordingSpec | None = None,
    max_new_tokens: int | None = None,
    temperature: float = 0.0,
    top_p: float = 1.0,
    seed: int = 0,
    chat: bool = False,
    progress: Progress = silent,
    folders: Sequence[Path] = (),
) -> Trace:
    """Run the model on ``prompt`` and record it; the trace's tensors are numpy arrays in memory.

    Without ``completion`` the model goes on by itself: greedily at temperature 0, else by a draw seeded
    with ``seed``. It stops at its end-of-text token (kept, as ``special``), or after ``max_new_tokens``;
    where that is None, after 8 tokens or at the end of the sentence, whichever is first. A sentence ends
    where the text written so far ends in one of ``. ! ? …`` after a letter, digit or closing mark, with
    closing quotes or brackets after it. Token by token there is no looking ahead, so the first full stop
    of "U.S." counts as well. An end-of-text token that would come first is passed over for the runner-up;
    the recorded distribution stays as it is.

    With ``chat`` the prompt goes in the model's chat template, and where ``max_new_tokens`` is None it may
    write 32 tokens.

    With ``completion`` the model runs on prompt and completion, and what is recorded is what it would
    have said at each token; ``temperature`` and ``top_p`` have no part in that.

    ``progress`` counts the tokens forwarded, of as many as there will be at most.
    ``folders`` are where the trace will be written to, which must have room for it.

    Raises:
        TraceError: an input cannot be used, or the recording would not fit into memory or onto disk; nothing
            has been run.
    """
    plan = prepare(checkpoint, prompt, completion, max_new_tokens, temperature, top_p, seed, chat)
    card = checkpoint.card
    spec = (spec or RecordingSpec.default()).resolved(card.layers, card.heads, plan.capacity)
    check_room(card, plan, spec, folders)
    return assemble(checkpoint, plan, spec, run(checkpoint, plan, spec, progress))


def prepare(
    checkpoint: Checkpoint,
    prompt: str,
    completion: str | None = None,
    max_new_tokens: int | None = None,
    temperature: float = 0.0,
    top_p: float = 1.0,
    seed: int = 0,
    chat: bool = False,
) -> Plan:
    """Check and tokenise the inputs of ``record``.

    Raises:
        TraceError: an input cannot be used.
    """
    Request(
        prompt,
        completion,
        max_new_tokens=max_new_tokens,
        temperature=temperature,
        top_p=top_p,
        seed=seed,
        chat=chat,
    ).check()
    encoded = encode(checkpoint.tokenizer, checkpoint.pieces, prompt, completion, chat=chat)
    default = CHAT_NEW_TOKENS if chat else DEFAULT_NEW_TOKENS
    limit = _limit(checkpoint, encoded, completion, max_new_tokens, default)
    return Plan(prompt, completion, encoded, limit, max_new_tokens, temperature, top_p, seed, chat)


def _limit(
    checkpoint: Checkpoint, encoded: Encoded, completion: str | None, asked: int | None, default: int
) -> int:
    """How many new tokens may be written, so that every forward is within the context window."""
    if not encoded.tokens:
        raise TraceError("the model's tokenizer makes no tokens of this text: give another one")
    if encoded.tokens[0].role == "given":
        raise TraceError(
            "the text's first token reaches from the prompt into the completion: split them elsewhere"
        )
    window = checkpoint.card.context_window or 2**31
    length = len(encoded.tokens)
    if length > window:
        raise TraceError(
            f"the text is {length} tokens long; the model's context window is {window}: shorten the text"
        )
    rows = min(checkpoint.model.get_input_embeddings().weight.shape[0], checkpoint.card.vocabulary)
    strange = [token for token in encoded.tokens if token.id >= rows]
    if strange:
        raise TraceError(
            f"the tokenizer calls {strange[0].text!r} number {strange[0].id}, but the model knows "
            f"{rows} tokens: download the model again"
        )
    if completion is not None:
        if length < 2:
            raise TraceError("prompt and completion are one token together: give a longer text")
        return 0
    room = window - length + 1
    if asked is not None and asked > room:
        raise TraceError(
            f"{length} prompt and {asked} new tokens exceed the context window of {window}: shorten the text"
        )
    return min(asked or default, room)


def check_room(card: ModelCard, plan: Plan, spec: RecordingSpec, folders: Sequence[Path] = ()) -> None:
    """Refuse a recording that does not fit into memory, or onto the disks of ``folders``.

    Raises:
        TraceError: with what it needs, what is free, and what makes it fit.
    """
    positions = plan.capacity - plan.first_row
    size = recording_size(card, spec, plan.capacity, positions)
    what = f"recording {plan.capacity + 1} tokens"
    plain = recording_size(card, RecordingSpec.default(), plan.capacity, positions)
    cure = "shorten the prompt" if plan.limit <= len(plan.encoded.tokens) else "let fewer tokens be written"
    # What holds no more than ever is no option to leave out.
    if size.memory > plain.memory or size.disk > plain.disk:
        cure += " or leave out --everything"
    check_memory(size.memory, what, cure)
    check_disk(size.disk, folders, what, cure)


@torch.inference_mode()
def run(
    checkpoint: Checkpoint, plan: Plan, spec: RecordingSpec, progress: Progress = silent
) -> GenerationRun:
    """The recording proper: one forward for the text that is there, then one per new token."""
    model, pieces = checkpoint.model, checkpoint.pieces
    # Nothing but the spec's tensors is copied; the lens needs the stream as well.
    wanted = {*spec.tensors, *([STREAM] if spec.lens != "none" else [])}
    spec = spec.resolved(checkpoint.card.layers, checkpoint.card.heads, plan.capacity)
    patterns = None
    if spec.pattern_rows != "whole":
        first = plan.first_row
        patterns = range(first, min(first + int(spec.pattern_rows), plan.capacity))
    recorder = Recorder(model, checkpoint.module_map, sorted(wanted), plan.capacity, patterns)
    sampler = Sampler(plan.temperature, plan.top_p, plan.seed)
    ending = end_of_text(checkpoint)
    tokens = list(plan.encoded.tokens)
    given = plan.completion is not None
    distribution: Distribution | None = None
    forwards: list[int] = []
    chances: list[float] = []
    cache: Any = None
    done = 0
    written = ""
    stopped: Stopped | None = None
    passed_over: int | None = None
    # A model that is asked for its patterns gives those of all layers at once.
    at_once = portion(checkpoint.card, plan.capacity, checkpoint.card.layers if recorder.asks else 1)
    with recorder.attached():
        while stopped is None:
            # A given text needs no forward of its last token: nothing follows that.
            ids = [token.id for token in tokens[done : len(tokens) - given][:at_once]]
            recorder.begin(len(ids))
            answer = model(
                input_ids=torch.tensor([ids], device=model.device),
                past_key_values=cache,
                use_cache=True,
                **recorder.asks,
            )
            cache, logits = answer.past_key_values, answer.logits[0]
            recorder.take(answer)
            check_finite(logits[-1])
            done += len(ids)
            forwards.append(len(ids))
            chance = float("nan")
            if done == len(tokens):
                id, chance = sampler.choose(logits[-1])
                if done == len(plan.encoded.tokens) and id in ending:
                    passed_over = id
                    id, chance = sampler.choose(_without(logits[-1], ending))
                tokens.append(token(pieces, id, "special" if id in ending else "generated"))
                written += tokens[-1].text
                stopped = _stopped(plan, tokens, written)
            elif given and done == len(tokens) - 1:
                stopped = "given"
            following = torch.tensor([each.id for each in tokens[done - len(ids) + 1 : done + 1]])
            if distribution is None:
                candidates = min(spec.candidates, logits.shape[-1])
                distribution = Distribution.room(plan.capacity, candidates, logits.device)
            distribution.put(done - len(ids), logits, following.to(logits.device))
            chances += [float("nan")] * (len(ids) - 1) + [chance]
            progress("recording", done, plan.capacity if stopped is None else done, "tokens")
    recorder.finish()
    assert distribution is not None
    distribution = distribution.first(done)
    check_finite(distribution.logits, distribution.entropy)
    return GenerationRun(
        _with_surfaces(checkpoint, plan, tokens),
        recorder,
        distribution,
        tuple(forwards),
        tuple(chances),
        logits,
        stopped,
        passed_over,
    )


def _without(logits: Tensor, ending: frozenset[int]) -> Tensor:
    """The logits [vocabulary] with the end-of-text tokens ruled out.

    Raises:
        TraceError: nothing is left.
    """
    rest = logits.clone()
    rest[[id for id in ending if id < len(rest)]] = float("-inf")
    if rest.isneginf().all():
        raise TraceError("the model can say nothing but the end of the text: try another prompt or model")
    return rest


def _with_surfaces(checkpoint: Checkpoint, plan: Plan, tokens: Sequence[Token]) -> tuple[Token, ...]:
    """All tokens, those that the model wrote with what they add to its text."""
    given = len(plan.encoded.tokens)
    count = len(tokens) - given - (plan.completion is None and tokens[-1].role == "special")
    ids = [token.id for token in tokens]
    added = surfaces(checkpoint.tokenizer, ids[:given], ids[given : given + count])
    written = [replace(token, surface=text) for token, text in zip(tokens[given:], added, strict=False)]
    return (*tokens[:given], *written, *tokens[given + count :])


def end_of_text(checkpoint: Checkpoint) -> frozenset[int]:
    """The ids with which this model says that it is done."""
    named = [checkpoint.tokenizer.eos_token_id, checkpoint.model.generation_config.eos_token_id]
    flat = [id for each in named for id in (each if isinstance(each, list | tuple) else [each])]
    return frozenset(id for id in flat if id is not None)


def ends_sentence(text: str) -> bool:
    """Whether a text ends where a sentence does."""
    return SENTENCE_END.search(text) is not None


def _stopped(plan: Plan, tokens: Sequence[Token], written: str) -> Stopped | None:
    if tokens[-1].role == "special":
        return "end of text"
    # The prompt's own end goes before, so that a full stop right after it counts.
    before = "" if plan.chat else plan.prompt[-1:]
    if plan.max_new_tokens is None and ends_sentence(before + written):
        return "end of sentence"
    return "length" if len(tokens) == plan.capacity + 1 else None
