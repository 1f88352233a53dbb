"""The commands: record a model, draw the loops, check a recording.

Imports are inside the commands: asking for help must not wait for torch or Manim.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from scenes.catalogue import CATALOGUE, LOOPS
from scenes.entry import Entry
from traced_loops.cli import console, interrupts
from traced_loops.cli.arguments import joined
from traced_loops.cli.console import count, echo
from traced_loops.cli.display import display
from traced_loops.jobs.options import (
    FILES,
    SPEED,
    TEXT,
    CacheOptions,
    DrawingOptions,
    RecordingOptions,
    read_by,
)
from traced_loops.storage.addresses import Address, typed_address, typed_path

Loops = Annotated[str, Parameter(help="Loops by number, f01, f02; without any, all.")]
Host = Literal["html", "hugo", "mkdocs", "notebook", "markdown"]

app = App(
    name="traced-loops",
    help="Looping animations of how a language model works, drawn from a real model's recorded tensors.\n\n"
    "Without a command, all: everything, for the default texts.",
    default_parameter=Parameter(negative=()),
)


@app.command(name="all")
def everything(
    *, recording: RecordingOptions = RecordingOptions(), drawing: DrawingOptions = DrawingOptions()
) -> None:
    """Make everything for one prompt, or for the default texts: loops, figures and their page.

    Example: traced-loops all --prompt "The capital of France is"
    """
    _draw(CATALOGUE, recording, drawing, with_page=True)


@app.command
def videos(
    *loops: Loops,
    recording: RecordingOptions = RecordingOptions(),
    drawing: DrawingOptions = DrawingOptions(),
) -> None:
    """Make some of the loops.

    Example: traced-loops videos 04 07 --prompt "Roses are red" --quality l
    """
    _draw(_entries(loops) or LOOPS, recording, drawing)


@app.command
def figures(
    *, recording: RecordingOptions = RecordingOptions(), drawing: DrawingOptions = DrawingOptions()
) -> None:
    """Make the figures, as PNG and SVG.

    Example: traced-loops figures --prompt "The capital of France is"
    """
    _draw(tuple(entry for entry in CATALOGUE if entry.is_figure), recording, drawing)


@app.command
def trace(
    *loops: Loops,
    trace: Annotated[Path, read_by(typed_path, FILES)],
    everything: Annotated[bool, Parameter(group=TEXT)] = False,
    force: Annotated[bool, Parameter(group=FILES)] = False,
    recording: RecordingOptions = RecordingOptions(),
    caching: CacheOptions = CacheOptions(),
) -> None:
    """Record only: run the model on a prompt and keep its tensors, for all loops or some.

    Example: traced-loops trace --prompt "The capital of France is" --trace france.trace

    Args:
        trace: Folder to write, NAME.trace.
        everything: Also q, k, v, z, both outputs, the MLP's activation, logits.
        force: Replace a recording that is there.
    """
    with console.errors():
        from traced_loops.jobs.keep import keep
        from traced_loops.jobs.notes import of_traces

        if trace.exists() and not force:
            console.refuse(f"{trace} is there already; give another name or --force")
        with display() as progress:
            kept = keep(_entries(loops) or CATALOGUE, recording, trace, everything, progress, caching)
        for path, made in kept.items():
            echo(f"{path}: {count(len(made.tokens), 'token')}, {count(len(made.tensors), 'tensor')}")
            absent = [f"  not recorded: {name}, {reason}" for name, reason in made.unavailable.items()]
            for words in (*absent, *of_traces([made])):
                echo(words)


@app.command
def batch(
    table: Annotated[Path, read_by(typed_path)],
    *,
    cluster: Annotated[str | None, Parameter(group=SPEED)] = None,
    retry_failed: Annotated[bool, Parameter(group=FILES)] = False,
    recording: RecordingOptions = RecordingOptions(),
    drawing: DrawingOptions = DrawingOptions(),
) -> None:
    """Make a set of loops for each row of a table: a prompt and any options; those given here are for all.

    Each set goes into a folder of its own, and an overview links them. A row that fails stops no other.

    Example: traced-loops batch prompts.csv --quality l

    Args:
        table: A .csv, .tsv, .jsonl or .toml file; columns are options.
        cluster: Dask scheduler whose workers do it, tcp:// or tls://host:8786; without it, this machine.
        retry_failed: Make only the rows that failed the last time.
    """
    with console.errors():
        from traced_loops.jobs.batch import make

        with display() as progress:
            records = make(table, recording, drawing, cluster, retry_failed, progress)
        failed = [record for record in records if record.status == "failed"]
        for record in failed:
            echo(f"row {record.row} ({record.slug}): {record.error}", err=True)
        if failed:
            console.fail(f"{len(failed)} of {count(len(records), 'row')} failed; --retry-failed tries again")
        echo(f"{drawing.output}: {count(len(records), 'row')}")


@app.command
def verify(trace: Annotated[Path, read_by(typed_path)], *, model: str | None = None) -> None:
    """Check a recording and those inside it: digests, then a new run of the model, value by value.

    Example: traced-loops verify france.trace

    Args:
        trace: A recording, NAME.trace.
        model: Folder or hub id of its model; without it, the embedded one, or the hub's cache.
    """
    with console.errors():
        from traced_loops.jobs.requests import require_models

        require_models()
        from model_trace.verify import verify as compare

        with display() as progress:
            results = compare(trace, None, progress, model=model)
        for result in results:
            mark = "ok  " if result.ok else "FAIL"
            echo(f"{mark} {result.name:<56} {result}")
        wrong = [result.name for result in results if not result.ok]
        if wrong:
            console.fail(f"{trace} is not what its model gives: {', '.join(wrong)}")
        echo(f"{trace}: {count(len(results), 'comparison')}, all as recorded")


@app.command
def page(
    *,
    output: Annotated[Path, read_by(typed_path, alias="-o")] = Path("output"),
    language: str | None = None,
    title: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    lead: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    host: Host = "html",
    force: bool = False,
) -> None:
    """Write the article around finished loops: index.html with its script and style.

    Or make the loops ready for another place, in a folder of its name: a Hugo shortcode, a MkDocs hook, a
    notebook's object, Markdown with animated pictures (drawn with --also webp). What is printed says how to
    call for a loop there.

    Example: traced-loops page --host hugo

    Args:
        output: Folder with finished loops.
        language: Language of the page; without it, that of the loops.
        title: Your own title; without it, How … works.
        lead: Your own words below the title.
        host: Where the loops go.
        force: Replace files that are not ours.
    """
    with console.errors():
        from traced_loops.article.hosts import HOSTS, write_for

        echo(write_for(host, output, language, title=title, lead=lead, force=force))
        if host in HOSTS:
            echo(HOSTS[host].use)


@app.command
def cache(*, cache: Annotated[Address | None, read_by(typed_address)] = None, clear: bool = False) -> None:
    """Print where the cache is and how large, or empty it. All it keeps can be made again.

    Example: traced-loops cache --clear

    Args:
        cache: The cache's folder; without it, the user's own.
        clear: Remove all that this program keeps there, and nothing else.
    """
    with console.errors():
        from model_trace.files import Cache as Kept
        from model_trace.files import CacheError, user_folder

        place = cache or user_folder()
        if not isinstance(place, Path):
            raise CacheError(f"--cache {place}: this command is for folders on this machine")
        kept = Kept(place)
        if clear:
            echo(f"{place}: {console.megabytes(kept.clear())} removed")
            return
        sizes = kept.sizes()
        echo(f"{place}: {console.megabytes(sum(sizes.values()))}")
        for name, size in sizes.items():
            echo(f"  {name:<12}{console.megabytes(size):>12}")


@app.command(name="list")
def list_loops() -> None:
    """List the loops and figures: number, file, idea.

    Example: traced-loops list
    """
    for entry in CATALOGUE:
        ending = "png" if entry.is_figure else "webm"
        echo(f"{entry.number}  {entry.stem}.{ending}\n    {entry.idea}")


def _entries(numbers: Sequence[str]) -> tuple[Entry, ...]:
    known = {entry.number: entry for entry in CATALOGUE}
    wanted = {number.lower().zfill(2) for number in numbers}
    unknown = sorted(wanted - set(known))
    if unknown:
        console.refuse(f"there is no loop {unknown[0]}; there are {', '.join(known)}")
    return tuple(entry for entry in CATALOGUE if entry.number in wanted)


def _draw(
    entries: tuple[Entry, ...],
    recording: RecordingOptions,
    drawing: DrawingOptions,
    with_page: bool = False,
) -> None:
    """Record what is needed, draw what is not there, list what there is."""
    with console.errors():
        from traced_loops.cli.summary import failed, summary
        from traced_loops.jobs.run import make

        begun = time.monotonic()
        with display() as progress:
            result = make(entries, recording, drawing, progress, with_page)
        if wrong := failed(result):
            console.fail(wrong)
        for words in summary(result, entries, time.monotonic() - begun):
            echo(words)


def run(arguments: Sequence[str]) -> int:
    """Run the command line with these arguments; returns the exit code."""
    try:
        app(joined(list(arguments)), print_error=False, exit_on_error=False, result_action="return_value")
    except CycloptsError as error:
        message = " ".join(str(error).split())
        echo(f"error: {message[:1].lower()}{message[1:]}", err=True)
        return 2
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def main() -> None:
    """Run the command line; without a command, ``all``."""
    interrupts.listen()
    arguments = sys.argv[1:]
    asks = bool(arguments) and arguments[0] in ("-h", "--help", "--version")
    if not asks and (not arguments or arguments[0].startswith("-")):
        arguments = ["all", *arguments]
    with console.guard():
        sys.exit(run(arguments))
