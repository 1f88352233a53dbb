"""What recording costs beside plain generation: ratios of interleaved minima, as a Markdown table.

    python benchmarks/recording.py [--rounds 7] [--tokens 24] [--steps 128] [--prompt TEXT] [--threads 1]

Every round runs each way once, one after the other, so that a slow moment of the machine hits all; the
least CPU time of each is compared. Lens and certificate are computed after the recording and listed apart.
How much longer the last steps take than the first is told of a text of many steps.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch
import transformers.models.llama.modeling_llama  # noqa: F401  of the embedded model: imports are not timed
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: F401

from model_trace.models import checkpoints
from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import assembly, certificate, generation
from model_trace.recording.spec import RecordingSpec

PROMPT = "The capital of France is Paris, a city on the river Seine with two million inhabitants. Its"
SPECS = {"default": RecordingSpec.default(), "everything": RecordingSpec.everything()}


def plain(checkpoint: Checkpoint, prompt: str, tokens: int, attention: str) -> Callable[[], Any]:
    """transformers' own ``generate``, greedy, of exactly so many tokens."""
    ids = checkpoint.tokenizer(prompt, return_tensors="pt").input_ids
    options = {"max_new_tokens": tokens, "min_new_tokens": tokens, "do_sample": False}

    def run() -> Any:
        checkpoint.model.set_attn_implementation(attention)
        try:
            return checkpoint.model.generate(ids, attention_mask=torch.ones_like(ids), **options)
        finally:
            checkpoint.model.set_attn_implementation("eager")

    return run


def recording(checkpoint: Checkpoint, prompt: str, tokens: int, spec: RecordingSpec) -> Callable[[], Any]:
    """The recording proper and its arrays, without what is derived from them."""

    def run() -> Any:
        plan = generation.prepare(checkpoint, prompt, max_new_tokens=tokens)
        ran = generation.run(checkpoint, plan, spec)
        arrays, _ = ran.recorder.results(spec)
        return ran, arrays | ran.distribution.arrays()

    return run


def least(ways: dict[str, Callable[[], Any]], rounds: int) -> tuple[dict[str, float], dict[str, Any]]:
    """The least CPU seconds of each way over the interleaved rounds, and its last answer."""
    seconds = dict.fromkeys(ways, float("inf"))
    answers: dict[str, Any] = {}
    for each in range(rounds + 1):
        for name, way in ways.items():
            gc.collect()
            start = time.process_time()
            answers[name] = way()
            # The first round only warms up.
            if each:
                seconds[name] = min(seconds[name], time.process_time() - start)
    return seconds, answers


def stamped(checkpoint: Checkpoint, way: Callable[[], Any]) -> list[float]:
    """CPU seconds of each forward that the way runs, with what follows it, but for the last."""
    stamps: list[float] = []
    hook = checkpoint.model.register_forward_pre_hook(lambda *_: stamps.append(time.process_time()))
    try:
        way()
    finally:
        hook.remove()
    return [after - before for before, after in itertools.pairwise(stamps)]


def growth(checkpoint: Checkpoint, ways: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """By what the last quarter of the steps takes longer than the first: of the least times of each step."""
    taken: dict[str, list[list[float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            # The first forward is the prompt's.
            taken[name].append(stamped(checkpoint, way)[1:])
    found = {}
    for name, runs in taken.items():
        steps = [min(each) for each in zip(*runs, strict=True)]
        quarter = len(steps) // 4
        found[name] = statistics.median(steps[-quarter:]) / statistics.median(steps[:quarter])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--prompt", default=PROMPT)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    start = time.process_time()
    checkpoint = checkpoints.load()
    loading, start = time.process_time() - start, time.process_time()
    _ = checkpoint.module_map
    probing = time.process_time() - start
    text = (checkpoint, options.prompt, options.tokens)
    ways = {
        "generate, SDPA": plain(*text, "sdpa"),
        "generate, eager": plain(*text, "eager"),
        "recording, default": recording(*text, SPECS["default"]),
        "recording, everything": recording(*text, SPECS["everything"]),
    }
    seconds, answers = least(ways, options.rounds)
    ran, arrays = answers["recording, default"]
    generated = answers["generate, SDPA"][0].tolist()
    same = [token.id for token in ran.tokens] == generated
    after = {
        "lens (after)": lambda: assembly.looked(checkpoint, SPECS["default"], ran),
        "certificate (after)": lambda: certificate.certify(checkpoint, ran, arrays),
    }
    later, _ = least(after, 2)
    forwards = len(stamped(checkpoint, ways["recording, everything"])) + 1
    # A text that goes on repeating itself, so that it does not end early.
    long = (checkpoint, " ".join([PROMPT.removesuffix(" Its")] * 3), options.steps)
    grown = growth(
        checkpoint,
        {
            "generate, eager": plain(*long, "eager"),
            "recording, everything": recording(*long, SPECS["everything"]),
        },
        3,
    )
    sdpa, eager = seconds["generate, SDPA"], seconds["generate, eager"]
    prompt_tokens = ran.forwards[0]
    print(
        f"{checkpoint.card.label}; {prompt_tokens} prompt tokens + {len(ran.tokens) - prompt_tokens} new, "
        f"{options.threads} thread(s), CPU seconds, least of {options.rounds} interleaved; "
        f"load average {os.getloadavg()[0]:.1f}; same tokens: {'yes' if same else 'no'}\n"
    )
    goals = {"recording, default": "1.05", "recording, everything": "1.15"}
    print("| | s | to SDPA | to eager | goal |\n|---|--:|--:|--:|--:|")
    for name, value in (seconds | later).items():
        goal = goals.get(name, "")
        print(f"| {name} | {value:.3f} | {value / sdpa:.3f} | {value / eager:.3f} | {goal} |")
    print(f"| loading the model, its code imported | {loading:.3f} | | | 1 s |")
    print(f"| probing the model (once per load) | {probing:.3f} | | | |")
    print("\n| | generate, eager | recording, everything | goal |\n|---|--:|--:|--:|")
    print(f"| forwards per new token | 1 | {forwards / options.tokens:g} | 1 |")
    plainly, recorded = grown["generate, eager"], grown["recording, everything"]
    print(f"| last of {options.steps} steps to the first | {plainly:.2f} | {recorded:.2f} | {plainly:.2f} |")


if __name__ == "__main__":
    main()
