"""What a run takes of memory: the peak of a process that does one thing, beside its goal; a Markdown table.

    python benchmarks/memory.py [--tokens 1000 4000] [--loops 05 07 08]

Everything is recorded of the fewest tokens only: whole patterns grow with their square.

A process counts as its peak what the one that started it held at that moment, so this one loads nothing.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

ROOT = Path(__file__).parents[1]
# How many of the units that the system counts memory in: bytes or kilobytes.
MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10
SENTENCE = "The capital of France is Paris, a city on the river Seine with two million inhabitants. "
TEXT = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of "
    "foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, "
    "it was the season of Darkness, it was the spring of hope"
)


def everything(tokens: int, folder: Path, *, given: bool) -> None:
    """Record everything over a text whose second half is given, or else written by the model."""
    from model_trace.models import checkpoints
    from model_trace.recording import generation
    from model_trace.recording.spec import RecordingSpec
    from model_trace.store import store

    checkpoint = checkpoints.load()
    ids, half = checkpoint.tokenizer(SENTENCE * tokens).input_ids[:tokens], tokens // 2
    prompt, rest = (checkpoint.tokenizer.decode(part) for part in (ids[:half], ids[half:]))
    trace = generation.record(
        checkpoint, prompt, rest if given else None, spec=RecordingSpec.everything(), max_new_tokens=half
    )
    assert abs(len(trace.tokens) - tokens) < 5, f"{len(trace.tokens)} tokens: {trace.generation.stopped}"
    store.save(trace, folder / "everything.trace")


def prompt(tokens: int, folder: Path) -> None:
    """Record a prompt of so many tokens as the command line does by default."""
    from model_trace.models import checkpoints
    from model_trace.recording import generation
    from model_trace.store import store

    checkpoint = checkpoints.load()
    ids = checkpoint.tokenizer(SENTENCE * tokens).input_ids[:tokens]
    trace = generation.record(checkpoint, checkpoint.tokenizer.decode(ids))
    assert abs(len(trace.tokens) - tokens) < 16, f"{len(trace.tokens)} tokens"
    store.save(trace, folder / "prompt.trace")


def training() -> None:
    """Record the untrained twin's training."""
    from model_trace.learning.training import record_training
    from model_trace.models import checkpoints

    record_training(checkpoints.load(), TEXT)


def fine_tuning() -> None:
    """Record the fine-tuning on our own words."""
    from model_trace.learning.fine_tuning import record_fine_tuning
    from model_trace.learning.pairs import read_pairs
    from model_trace.models import checkpoints

    record_fine_tuning(checkpoints.load(), read_pairs(ROOT / "scenes" / "s10_fine_tuning" / "pairs.tsv"))


def recording(folder: Path) -> None:
    """Record what the drawing is of."""
    from model_trace.models import checkpoints
    from model_trace.recording import generation
    from model_trace.store import store

    store.save(generation.record(checkpoints.load(), TEXT), folder / "drawn.trace")


def drawing(folder: Path, loops: Sequence[str]) -> None:
    """Draw the loops of that recording at 1920 × 1080, one after the other."""
    from scenes.catalogue import LOOPS
    from traced_loops.jobs.making import make
    from traced_loops.jobs.options import DrawingOptions, RecordingOptions
    from traced_loops.jobs.run import jobs_for

    entries = [entry for entry in LOOPS if entry.number in loops]
    wishes = DrawingOptions(trace=folder / "drawn.trace", output=folder / "drawn")
    for jobs in jobs_for(entries, RecordingOptions(), wishes).values():
        for job in jobs:
            make(job)


def peak(way: str, tokens: int, options: argparse.Namespace, folder: Path) -> float:
    """Peak resident megabytes of a process that does nothing else."""
    command = [sys.executable, __file__, "--only", way, "--folder", str(folder)]
    command += ["--tokens", str(tokens), "--loops", *options.loops]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1])


def only(way: str, options: argparse.Namespace) -> None:
    """Go one way and print the process's peak."""
    match way:
        case "given" | "written":
            everything(options.tokens[0], options.folder, given=way == "given")
        case "prompt":
            prompt(options.tokens[0], options.folder)
        case "training":
            training()
        case "fine-tuning":
            fine_tuning()
        case "recording":
            recording(options.folder)
        case "drawing":
            drawing(options.folder, options.loops)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tokens", type=int, nargs="+", default=[1000, 4000])
    parser.add_argument("--loops", nargs="+", default=["05", "07", "08"])
    parser.add_argument("--only", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        only(options.only, options)
        return
    fewest = min(options.tokens)
    rows = [
        ("given", fewest, f"recording everything, {fewest} tokens given", 3072),
        ("written", fewest, f"recording everything, {fewest} tokens, half of them written", 3072),
        *(("prompt", tokens, f"recording a prompt of {tokens} tokens", 4096) for tokens in options.tokens),
        ("training", 0, "recording the training step and those after it", 3072),
        ("fine-tuning", 0, "recording the fine-tuning", 3072),
        ("drawing", 0, f"drawing loops {' '.join(options.loops)}, a prompt of 66 tokens, 1920 × 1080", 1024),
    ]
    print("| in memory, at its peak | MB | goal | on disk, MB |\n|---|--:|--:|--:|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peak("recording", 0, options, folder)
        for way, tokens, words, goal in rows:
            taken = peak(way, tokens, options, folder)
            trace = folder / ("everything.trace" if way in ("given", "written") else f"{way}.trace")
            disk = sum(file.stat().st_size for file in trace.glob("*")) / 2**20
            print(f"| {words} | {taken:.0f} | {goal} | {f'{disk:.0f}' if disk else ''} |", flush=True)


if __name__ == "__main__":
    main()
