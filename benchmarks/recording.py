"""What recording costs beside plain generation: ratios of interleaved minima, as a Markdown table.

    python benchmarks/recording.py [--rounds 7] [--tokens 24] [--prompt TEXT] [--threads 1]

Every round runs each way once, one after the other, so that a slow moment of the machine hits all; the
least CPU time of each is compared. Lens and certificate are computed after the recording and listed apart.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch

from model_trace import assembly, certificate, checkpoints, generation
from model_trace.checkpoints import Checkpoint
from model_trace.spec import RecordingSpec

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


def peak_memory(way: str, prompt: str, tokens: int) -> float:
    """Peak resident megabytes of a process that does nothing else."""
    command = [sys.executable, __file__, "--only", way, "--prompt", prompt, "--tokens", str(tokens)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def only(checkpoint: Checkpoint, way: str, prompt: str, tokens: int) -> None:
    """Run one way and print the process's peak memory in megabytes."""
    if way in SPECS:
        generation.record(checkpoint, prompt, spec=SPECS[way], max_new_tokens=tokens)
    else:
        plain(checkpoint, prompt, tokens, way)()
    scale = 2**20 if sys.platform == "darwin" else 2**10
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--prompt", default=PROMPT)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    checkpoint = checkpoints.load()
    if options.only:
        only(checkpoint, options.only, options.prompt, options.tokens)
        return
    start = time.process_time()
    _ = checkpoint.anatomy
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
    memory = {
        "generate, SDPA": "sdpa",
        "generate, eager": "eager",
        "recording, default": "default",
        "recording, everything": "everything",
    }
    sdpa, eager = seconds["generate, SDPA"], seconds["generate, eager"]
    prompt_tokens = ran.forwards[0]
    print(
        f"{checkpoint.card.label}; {prompt_tokens} prompt tokens + {len(ran.tokens) - prompt_tokens} new, "
        f"{options.threads} thread(s), CPU seconds, least of {options.rounds} interleaved; "
        f"load average {os.getloadavg()[0]:.1f}; same tokens: {'yes' if same else 'no'}\n"
    )
    print("| | s | to SDPA | to eager | peak MB, all in |\n|---|--:|--:|--:|--:|")
    for name, value in (seconds | later).items():
        peak = f"{peak_memory(memory[name], options.prompt, options.tokens):.0f}" if name in memory else ""
        print(f"| {name} | {value:.3f} | {value / sdpa:.3f} | {value / eager:.3f} | {peak} |")
    print(f"| probing the model (once per load) | {probing:.3f} | | | |")


if __name__ == "__main__":
    main()
