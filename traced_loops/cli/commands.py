"""The command line: record a model, draw the loops, check a recording.

Imports are inside the commands: asking for help must not wait for torch or Manim.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenes.catalogue import CATALOGUE, LOOPS
from scenes.entry import Entry
from traced_loops.cli import console, interrupts, options
from traced_loops.cli.console import count
from traced_loops.storage.places import Place

if TYPE_CHECKING:
    from traced_loops.rendering.jobs import Job

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    # where no help is asked for Typer would load Pydantic to read its False: half of what `list` takes
    context_settings={"help_option_names": ["-h", "--help"], "default_map": {"help": False}},
    help="Looping animations of how a language model works, drawn from a real model's recorded tensors.\n\n"
    "Without a command, all: everything, for the article's own texts.",
)


@app.command(name="all")
@options.spread
def everything(recording: options.Recording, drawing: options.Drawing) -> None:
    """Make everything for one prompt, or for the article's own texts: loops, figures and their page.

    Example: python render.py all --prompt "The capital of France is"
    """
    _draw(CATALOGUE, recording, drawing, with_page=True)


@app.command()
@options.spread
def videos(
    recording: options.Recording,
    drawing: options.Drawing,
    loops: Annotated[
        list[str] | None, typer.Argument(help="Loops by number, f01, f02; default: all loops.")
    ] = None,
) -> None:
    """Make some of the loops.

    Example: python render.py videos 04 07 --prompt "Roses are red" --quality l
    """
    _draw(_entries(loops) or LOOPS, recording, drawing)


@app.command()
@options.spread
def figures(recording: options.Recording, drawing: options.Drawing) -> None:
    """Make the two figures, as PNG and SVG.

    Example: python render.py figures --prompt "The capital of France is"
    """
    _draw(tuple(entry for entry in CATALOGUE if entry.is_figure), recording, drawing)


@app.command()
@options.spread
def trace(
    trace: Annotated[Path, typer.Option(help="Folder to write, NAME.trace.")],
    recording: options.Recording,
    caching: options.Caching,
    loops: Annotated[
        list[str] | None, typer.Argument(help="Record for these loops only, by number; default: all.")
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--everything", help="Also q, k, v, z, both outputs, the MLP's activation, logits."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a recording that is there.")] = False,
) -> None:
    """Record only: run the model on a prompt and keep its tensors, for all loops or some.

    Example: python render.py trace --prompt "The capital of France is" --trace france.trace
    """
    with console.errors():
        from traced_loops.jobs.notes import of_traces
        from traced_loops.jobs.pipeline import keep

        if trace.exists() and not force:
            console.refuse(f"{trace} is there already; give another name or --force")
        with console.progress() as progress:
            line = progress.add_task("looking for recordings", total=None)
            kept = keep(
                _entries(loops) or CATALOGUE,
                recording,
                trace,
                everything,
                lambda words: progress.update(line, description=words),
                caching,
            )
        for path, made in kept.items():
            typer.echo(f"{path}: {count(len(made.tokens), 'token')}, {count(len(made.tensors), 'tensor')}")
            absent = [f"  not recorded: {name}, {reason}" for name, reason in made.unavailable.items()]
            for words in (*absent, *of_traces([made])):
                typer.echo(words)


@app.command()
@options.spread
def batch(
    table: Annotated[Path, typer.Argument(help="A .csv, .tsv, .jsonl or .toml file; columns are options.")],
    recording: options.Recording,
    drawing: options.Drawing,
    cluster: Annotated[
        str | None,
        typer.Option(help="Dask scheduler whose workers do it, tcp://host:8786; default: this machine."),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Make only the rows that failed the last time.")
    ] = False,
) -> None:
    """Make a set of loops for each row of a table: a prompt and any options; those given here are for all.

    Each set goes into a folder of its own, and an overview links them. A row that fails stops no other.

    Example: python render.py batch prompts.csv --quality l
    """
    with console.errors():
        from traced_loops.jobs.batch import make

        with console.progress() as progress:
            records = make(table, recording, drawing, cluster, retry_failed, console.Board(progress))
        failed = [record for record in records if record.status == "failed"]
        for record in failed:
            typer.echo(f"row {record.row} ({record.slug}): {record.error}", err=True)
        if failed:
            console.fail(f"{len(failed)} of {count(len(records), 'row')} failed; --retry-failed tries again")
        typer.echo(f"{drawing.output}: {count(len(records), 'row')}")


@app.command()
@options.spread
def verify(
    trace: Annotated[Path, typer.Argument(help="A recording, NAME.trace.")],
    model: Annotated[
        str | None,
        typer.Option(help="Folder or hub id of its model; default: the embedded one, or the hub's cache."),
    ] = None,
) -> None:
    """Check a recording and those inside it: digests, then a new run of the model, value by value.

    Example: python render.py verify france.trace
    """
    with console.errors():
        from traced_loops.jobs.requests import require_models

        require_models()
        from model_trace.verify import verify as compare

        with console.progress() as progress:
            line = progress.add_task("checking digests", total=None)
            results = compare(
                trace, progress=lambda message: progress.update(line, description=message), model=model
            )
        for result in results:
            mark = "ok  " if result.ok else "FAIL"
            errors = f"largest error {result.max_abs_error:.3g} (relative {result.max_relative_error:.3g})"
            typer.echo(f"{mark} {result.name:<56} {result.difference or errors}")
        wrong = [result.name for result in results if not result.ok]
        if wrong:
            console.fail(f"{trace} is not what its model gives: {', '.join(wrong)}")
        typer.echo(f"{trace}: {count(len(results), 'comparison')}, all as recorded")


@app.command()
@options.spread
def page(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder with finished loops.")] = Path(
        "output"
    ),
    language: Annotated[
        str | None, typer.Option(help="Language of the page; default: that of the loops.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Your own title; default: How … works.")] = None,
    lead: Annotated[str | None, typer.Option(help="Your own words below the title.")] = None,
    host: Annotated[
        str, typer.Option(help="Where the loops go: html, hugo, mkdocs, notebook or markdown.")
    ] = "html",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are not ours.")] = False,
) -> None:
    """Write the article around finished loops: index.html with its script and style.

    Or make the loops ready for another place, in a folder of its name: a Hugo shortcode, a MkDocs hook, a
    notebook's object, Markdown with animated pictures (drawn with --also webp). What is printed says how to
    call for a loop there.

    Example: python render.py page --host hugo
    """
    with console.errors():
        from traced_loops.article.hosts import HOSTS, write_for

        typer.echo(write_for(host, output, language, title=title, lead=lead, force=force))
        if host in HOSTS:
            typer.echo(HOSTS[host].use)


@app.command()
@options.spread
def cache(
    cache: Annotated[Place | None, typer.Option(help="The cache's folder; default: the user's own.")] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove all that this program keeps there, and nothing else.")
    ] = False,
) -> None:
    """Tell where the cache is and how large, or empty it. All it keeps can be made again.

    Example: python render.py cache --clear
    """
    with console.errors():
        from model_trace.files import Cache as Kept
        from model_trace.files import CacheError, user_folder

        place = cache or user_folder()
        if not isinstance(place, Path):
            raise CacheError(f"--cache {place}: this command is for folders on this machine")
        kept = Kept(place)
        if clear:
            typer.echo(f"{place}: {console.megabytes(kept.clear())} removed")
            return
        sizes = kept.sizes()
        typer.echo(f"{place}: {console.megabytes(sum(sizes.values()))}")
        for name, size in sizes.items():
            typer.echo(f"  {name:<12}{console.megabytes(size):>12}")


@app.command(name="list", context_settings={"default_map": {"help": False}})
def list_loops() -> None:
    """List the loops and figures: number, file, idea.

    Example: python render.py list
    """
    for entry in CATALOGUE:
        ending = "png" if entry.is_figure else "webm"
        typer.echo(f"{entry.number}  {entry.stem}.{ending}\n    {entry.idea}")


def _entries(numbers: list[str] | None) -> tuple[Entry, ...]:
    known = {entry.number: entry for entry in CATALOGUE}
    wanted = {number.zfill(2) for number in numbers or []}
    unknown = sorted(wanted - set(known))
    if unknown:
        console.refuse(f"there is no loop {unknown[0]}; there are {', '.join(known)}")
    return tuple(entry for entry in CATALOGUE if entry.number in wanted)


def _draw(
    entries: tuple[Entry, ...],
    recording: options.Recording,
    drawing: options.Drawing,
    with_page: bool = False,
) -> None:
    """Record what is needed, draw what is not there, list what there is."""
    with console.errors():
        from traced_loops.jobs.layout import complete, pages
        from traced_loops.jobs.notes import of_origins
        from traced_loops.jobs.pipeline import draw, make_jobs, missing
        from traced_loops.rendering import outputs

        with console.progress() as progress:
            line = progress.add_task("looking for recordings", total=None)
            undrawable: dict[str, str] = {}
            jobs = make_jobs(
                entries,
                recording,
                drawing,
                lambda words: progress.update(line, description=words),
                lambda entry, why: undrawable.update({entry.number: why}),
                with_page,
            )
            placed = [(folder, job) for folder, wanted in jobs.items() for job in wanted]
            todo = missing(placed, drawing)
            progress.update(line, description="recordings", total=1, completed=1)
            names = {folder: "" if folder == drawing.folder else f" ({folder})" for folder in jobs}
            lines = {
                (folder, job.entry.number): progress.add_task(job.entry.stem + names[folder], total=None)
                for folder, job in todo
            }

            def event(folder: Place, job: Job, what: str) -> None:
                task = lines[folder, job.entry.number]
                words = {"start": "drawing ", "done": "", "failed": "failed: "}[what]
                progress.update(task, description=words + job.entry.stem + names[folder])
                if what != "start":
                    progress.update(task, total=1, completed=1)

            try:
                errors = draw(todo, drawing, event)
            except KeyboardInterrupt:
                left = [job.entry.number for folder, job in todo if not outputs.is_current(job, folder)]
                console.fail(
                    f"interrupted; {', '.join(left) or 'none'} left, the same command goes on from here"
                )
            whole = jobs.keys() - {folder for folder, _ in errors}
            made = {folder: [job.entry for job in jobs[folder]] for folder in jobs if folder in whole}
            written = complete(made, pages(drawing) if with_page else (), force=drawing.force)
        if errors:
            reasons: dict[str, list[str]] = {}
            for (folder, number), error in errors.items():
                reasons.setdefault(console.reason(error), []).append(number + names[folder])
            failed = "; ".join(f"{', '.join(numbers)}: {reason}" for reason, numbers in reasons.items())
            console.fail(f"{failed}; the others are in {drawing.output}, the same command goes on from here")
        there = f", {len(placed) - len(todo)} already there" if len(todo) < len(placed) else ""
        figures = sum(job.entry.is_figure for _, job in placed)
        counts = ((len(placed) - figures, "loop"), (figures, "figure"))
        what = " and ".join(count(number, noun) for number, noun in counts if number)
        typer.echo(f"{drawing.output}: {what}{there}")
        served = {job.entry.number for wanted in jobs.values() for job in wanted}
        left_out = [entry.number for entry in entries if entry.number not in served | undrawable.keys()]
        absent = [f"not in this recording: {', '.join(left_out)}"] if left_out else []
        for words in (*undrawable.values(), *absent, *of_origins(job.origin for _, job in placed), *written):
            typer.echo(words)


def main() -> None:
    """Run the command line; without a command, ``all``."""
    interrupts.listen()
    arguments = sys.argv[1:]
    asks_help = bool(arguments) and arguments[0] in ("-h", "--help")
    if not asks_help and (not arguments or arguments[0].startswith("-")):
        arguments = ["all", *arguments]
    with console.guard():
        app(options.joined(arguments), prog_name="render.py")
