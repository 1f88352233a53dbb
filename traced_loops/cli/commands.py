"""The commands: record a model, draw the loops, check a recording.

Imports are inside the commands: asking for help must not wait for torch or Manim."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from scenes.catalogue import CATALOGUE, DEFAULTS, canonical_number
from scenes.entry import Entry
from traced_loops.cli import config, console, reports, setup
from traced_loops.cli.console import count, echo
from traced_loops.cli.display import display
from traced_loops.jobs.options import (
    FILES,
    LOOKS,
    MODEL,
    SPEED,
    TEXT,
    CacheOptions,
    DrawingOptions,
    MakeOptions,
    RecordingOptions,
    RunOptions,
    flag,
    read_by,
)
from traced_loops.storage.addresses import Address, typed_address, typed_path

Loops = Annotated[str, Parameter(help="Loops by number, f01, f02; without any, all.")]
Host = Literal["html", "hugo", "mkdocs", "notebook", "snippet", "markdown"]

PROGRAM = "python render.py" if Path(sys.argv[0]).name == "render.py" else "traced-loops"
app = App(
    name=PROGRAM,
    help="Looping animations of how a language model works, drawn from a real model's recorded tensors.\n\n"
    "Options without a command mean all; TRACED_LOOPS_* variables and traced-loops.toml set them, too.",
    default_parameter=Parameter(negative=()),
    config=(config.fill,),
)


@app.command(name="--install-completion")
def install_completion(*, shell: Literal["bash", "zsh", "fish"] | None = None) -> None:
    """Teach the shell to complete commands, options and choices."""
    reports.install_completion(app, shell)


@app.command(name="all")
def everything(
    *,
    extras: Annotated[bool, flag(FILES)] = False,
    open: Annotated[bool, flag(FILES)] = False,
    recording: RecordingOptions = RecordingOptions(),
    drawing: DrawingOptions = DrawingOptions(),
    run: MakeOptions = MakeOptions(),
) -> None:
    """Make everything for one prompt, or for the default texts: loops, figures and their page.

    Example: traced-loops all --prompt "The capital of France is"

    Args:
        extras: Also the loops that are otherwise made only by number.
        open: Show the page in the browser afterwards.
    """
    # the page serves narrow ones to phones
    drawing = replace(drawing, shape=drawing.shape or ("wide", "narrow"))
    _make(CATALOGUE if extras else DEFAULTS, recording, drawing, run, with_page=True)
    if open and not run.dry_run:
        with console.errors():
            from traced_loops.jobs.layout import pages

            reports.browse(pages(drawing)[0])


@app.command
def videos(
    *loops: Loops,
    recording: RecordingOptions = RecordingOptions(),
    drawing: DrawingOptions = DrawingOptions(),
    run: MakeOptions = MakeOptions(),
) -> None:
    """Make some of the loops.

    Example: traced-loops videos 04 07 --prompt "Roses are red" --quality l
    """
    _make(_entries(loops) or _defaults(figures=False), recording, drawing, run)


@app.command
def figures(
    *,
    recording: RecordingOptions = RecordingOptions(),
    drawing: DrawingOptions = DrawingOptions(),
    run: MakeOptions = MakeOptions(),
) -> None:
    """Make the figures, as PNG and SVG.

    Example: traced-loops figures --prompt "The capital of France is"
    """
    _make(_defaults(figures=True), recording, drawing, run)


@app.command
def trace(
    *loops: Loops,
    trace: Annotated[Path, read_by(typed_path, FILES)],
    everything: Annotated[bool, flag(TEXT)] = False,
    force: Annotated[bool, flag(FILES)] = False,
    recording: RecordingOptions = RecordingOptions(),
    caching: CacheOptions = CacheOptions(),
    run: RunOptions = RunOptions(),
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
            kept = keep(_entries(loops) or DEFAULTS, recording, trace, everything, progress, caching)
        for path, made in kept.items():
            echo(f"{path}: {count(len(made.tokens), 'token')}, {count(len(made.tensors), 'tensor')}")
            absent = [f"  not recorded: {name}, {reason}" for name, reason in made.unavailable.items()]
            for words in (*absent, *of_traces([made])):
                echo(words)


@app.command
def batch(
    table: Annotated[Path, read_by(typed_path)],
    /,
    *,
    cluster: Annotated[str | None, Parameter(group=SPEED)] = None,
    retry_failed: Annotated[bool, flag(FILES)] = False,
    recording: RecordingOptions = RecordingOptions(),
    drawing: DrawingOptions = DrawingOptions(),
    run: RunOptions = RunOptions(),
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
        from traced_loops.cli.summary import batch_summary
        from traced_loops.jobs.batch import make

        begun = time.monotonic()
        with display() as progress:
            records = make(table, recording, drawing, cluster, retry_failed, progress)
        failed = [record for record in records if record.status == "failed"]
        for record in failed:
            echo(f"row {record.row} ({record.slug}): {record.error}", err=True)
        if failed:
            console.fail(
                f"{len(failed)} of {count(len(records), 'row')} failed: add --retry-failed to try again"
            )
        for words in batch_summary(records, drawing.output, time.monotonic() - begun):
            echo(words)


@app.command
def verify(
    trace: Annotated[Path, read_by(typed_path)],
    /,
    *,
    model: Annotated[str | None, Parameter(group=MODEL)] = None,
    run: RunOptions = RunOptions(),
) -> None:
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
            console.fail(f"{trace} differs from its model ({', '.join(wrong)}): record it again")
        echo(f"{trace}: {count(len(results), 'comparison')}, all as recorded")


@app.command
def page(
    *loops: Annotated[str, Parameter(help="Figures to print with --host snippet; without any, all.")],
    output: Annotated[Path, read_by(typed_path, FILES, alias="-o", metavar="PATH")] = Path("output"),
    language: Annotated[str | None, Parameter(group=LOOKS)] = None,
    title: Annotated[str | None, Parameter(allow_leading_hyphen=True, group=TEXT)] = None,
    lead: Annotated[str | None, Parameter(allow_leading_hyphen=True, group=TEXT)] = None,
    host: Annotated[Host, Parameter(group=FILES)] = "html",
    base_url: Annotated[str | None, Parameter(group=FILES)] = None,
    force: Annotated[bool, flag(FILES)] = False,
    open: Annotated[bool, flag(FILES)] = False,
    run: RunOptions = RunOptions(),
) -> None:
    """Write the article around finished loops: index.html with its script and style.

    Or make the loops ready for another place, in a folder of its name: a Hugo shortcode, a MkDocs hook, a
    notebook's object, figures to paste into any HTML (a snippet, printed), Markdown with animated pictures
    (drawn with --also webp). What is printed says how to call for a loop there.

    Example: traced-loops page --host hugo

    Args:
        output: Folder with finished loops.
        language: Language of the page; without it, that of the loops.
        title: Your own title; without it, How … works.
        lead: Your own words below the title.
        host: Where the loops go.
        base_url: Address that the page, or a snippet's folder, will have; the page's cards need it.
        force: Replace files that are not ours.
        open: Show the page in the browser afterwards.
    """
    with console.errors():
        from traced_loops.article.hosts import HOSTS, check_loops, snippets, write_for

        if open and host != "html":
            console.refuse(f"--open shows the page, which --host {host} does not write: leave out one")
        if loops and host != "snippet":
            console.refuse(f"a page has all loops: leave out {loops[0]}, or add --host snippet")
        numbers = [entry.number for entry in _entries(loops)]
        if numbers:
            check_loops(output, numbers)
        printed = host == "snippet"  # alone on standard output, to be piped
        made = write_for(host, output, language, title=title, lead=lead, base_url=base_url, force=force)
        echo(made, err=printed)
        if host in HOSTS:
            echo(HOSTS[host].use, err=printed)
        if printed:
            echo(snippets(output, numbers).rstrip())
        if open:
            reports.browse(output)


@app.command
def show(trace: Annotated[Path, read_by(typed_path)], /) -> None:
    """Print what a recording holds: its text, model, tensors, size, and the loops it can draw.

    Example: traced-loops show france.trace

    Args:
        trace: A recording, NAME.trace.
    """
    with console.errors():
        from traced_loops.jobs.summary import summary

        for line in summary(trace):
            echo(line)


@app.command
def values(file: Annotated[Path, read_by(typed_path)], /) -> None:
    """Print every value that a loop shows: what it is, the value itself, and where it was recorded.

    Example: traced-loops values output/04-gpt3-generate-tokens-output.json

    Args:
        file: What is known of the loop, NN-….json beside it.
    """
    with console.errors():
        for line in reports.values(file):
            echo(line)


@app.command
def cache(
    *,
    cache: Annotated[Address | None, read_by(typed_address, FILES, metavar="PATH")] = None,
    clear: Annotated[bool, flag(FILES)] = False,
) -> None:
    """Print where the cache is and how large, or empty it. All it keeps can be made again.

    Example: traced-loops cache --clear

    Args:
        cache: The cache's folder; without it, the user's own.
        clear: Remove all that this program keeps there, and nothing else.
    """
    with console.errors():
        for line in reports.cache(cache, clear=clear):
            echo(line)


@app.command(name="list")
def list_loops() -> None:
    """List the loops and figures: number, file, idea.

    Example: traced-loops list
    """
    for entry in CATALOGUE:
        ending = "png" if entry.is_figure else "webm"
        extra = " (extra)" if entry.extra else ""
        echo(f"{entry.number}  {entry.stem}.{ending}{extra}\n    {entry.idea}")


@app.command
def texts() -> None:
    """Print the default texts of all loops as a TOML file, to start your own from for --texts.

    Example: traced-loops texts > mine.toml
    """
    with console.errors():
        from traced_loops.jobs.texts import texts_as_toml

        echo(texts_as_toml().rstrip())


def _defaults(*, figures: bool) -> tuple[Entry, ...]:
    return tuple(entry for entry in DEFAULTS if entry.is_figure == figures)


app.command(setup.setup)
app.command(setup.doctor)


def _entries(numbers: Sequence[str]) -> tuple[Entry, ...]:
    known = {entry.number: entry for entry in CATALOGUE}
    wanted = {canonical_number(number) for number in numbers}
    unknown = sorted(wanted - set(known))
    if unknown:
        console.refuse(f"there is no loop {unknown[0]}: choose from {', '.join(known)}")
    return tuple(entry for entry in CATALOGUE if entry.number in wanted)


def _make(
    entries: tuple[Entry, ...],
    recording: RecordingOptions,
    drawing: DrawingOptions,
    run: MakeOptions,
    with_page: bool = False,
) -> None:
    """Draw the loops, or with ``--dry-run`` print what that would take."""
    if not run.dry_run:
        _draw(entries, recording, drawing, with_page)
        return
    with console.errors():
        from traced_loops.jobs.plan import plan

        for line in plan(entries, recording, drawing, with_page):
            echo(line)


def _draw(
    entries: tuple[Entry, ...],
    recording: RecordingOptions,
    drawing: DrawingOptions,
    with_page: bool = False,
) -> None:
    """Record what is needed, draw what is not there, list what there is."""
    with console.errors():
        from traced_loops.cli.summary import failed, notes, summary
        from traced_loops.jobs.run import make

        begun = time.monotonic()
        with display() as progress:
            result = make(entries, recording, drawing, progress, with_page)
        if wrong := failed(result):
            console.fail(wrong)
        for words in (*notes(result, entries), *summary(result, time.monotonic() - begun, PROGRAM)):
            echo(words)
