"""The library: record a model, read what was recorded, draw loops of it.

Each function imports what it needs when it is called: reading a trace takes neither torch nor Manim.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from model_trace.progress import DONE, FAILED, GONE, WAITING
from model_trace.reading import SavedTrace as Trace
from model_trace.trace import TraceError as TraceError
from scenes.catalogue import CATALOGUE
from traced_loops.arguments import check_choice, check_serves, entries_of, plain_errors
from traced_loops.drawn_loop import Loop, read_loops
from traced_loops.drawn_loop import Value as Value

if TYPE_CHECKING:
    from model_trace.verify import TensorCheck
    from scenes.entry import Entry
    from traced_loops.jobs.manifest import Record
    from traced_loops.jobs.options import (
        DrawingOptions,
        Format,
        Quality,
        RecordingOptions,
        Shape,
        Subject,
        Theme,
    )

Progress = Callable[[str], None]
_BETWEEN_LINES = 5.0  # seconds, of one task


def record(
    prompt: str | None = None,
    *,
    completion: str | None = None,
    model: str | Path | None = None,
    chat: bool = False,
    description: str | None = None,
    pairs: str | Path | None = None,
    loops: str | Sequence[str] | None = None,
    temperature: float = 0,
    top_p: float = 1,
    seed: int = 0,
    max_new_tokens: int | None = None,
    everything: bool = False,
    device: str | None = None,
    dtype: str | None = None,
    progress: Progress | None = None,
) -> Trace:
    """Run a model on a text and record its tensors, per token and per layer.

    The recording is kept in the user's cache, so that the same one is made once; its own folder is a
    temporary one until ``Trace.save`` gives it a place.

    Args:
        prompt: The text to begin with.
        completion: The text that follows, if it is given and not for the model to write.
        model: Folder or hub id of a causal language model; without it, the embedded one.
        chat: Put the prompt into the model's own chat template.
        description: What loop 09 is to write the code of.
        pairs: File of phrases for loop 10's fine-tuning: English, tab, French.
        loops: Numbers of the loops to record for; without it, what is given above decides: those of a text.
            Loops 02 and 03 train a model, which takes minutes.
        temperature: 0 takes the most probable token, above 0 samples.
        top_p: Sample from the most probable tokens that together have this probability.
        seed: Seed of everything random.
        max_new_tokens: Tokens to write; without it, to the end of the sentence, at most 8, or 32 with chat.
        everything: Also record q, k, v, z, both outputs, the MLP's activation and logits.
        device: Where the model runs: cpu, cuda, cuda:1, mps; without it, a GPU if there is one.
        dtype: What the model computes in: float32, bfloat16 or float16.
        progress: Called with a line of text whenever there is something to say; ``print``, for example.

    Raises:
        ValueError: a text, a model or an option that cannot be used, in one line.

    Example:
        >>> trace = tl.record("The quick", model="tiny-robot", max_new_tokens=2)
        >>> trace
        Trace of tiny-robot
          text     'The quick num num', 5 tokens
          tensors  18: embed, resid_pre, resid_mid, resid_post, final_norm, attn_pattern, …
        >>> trace["resid_post"].shape
        (3, 4, 32)
    """
    with plain_errors():
        from traced_loops.jobs.options import RecordingOptions
        from traced_loops.jobs.requests import UsageError
        from traced_loops.storage.addresses import typed_path

        recording = RecordingOptions(
            prompt=prompt,
            completion=completion,
            chat=chat,
            description=description,
            pairs=None if pairs is None else typed_path(str(pairs)),
            temperature=temperature,
            top_p=top_p,
            seed=seed,
            max_new_tokens=max_new_tokens,
            model=None if model is None else str(model),
            device=device,
            dtype=dtype,
        )
        if loops is None:
            given = {"text": prompt, "code": description, "fine-tuning": pairs}
            needs = {need for need, what in given.items() if what is not None}
            if not needs:
                raise UsageError("there is nothing to record: give a prompt, or loops= for the default texts")
            entries = tuple(entry for entry in CATALOGUE if entry.needs in needs)
        else:
            entries = entries_of([loops] if isinstance(loops, str) else loops)
        folder = Path(tempfile.mkdtemp(prefix="traced-loops-"))
        try:
            path = folder / f"{'-'.join(re.findall('[A-Za-z0-9]+', prompt or '')[:4]) or 'text'}.trace"
            _record(entries, recording, path, everything, progress or _silent)
            trace = Trace.open(path)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        weakref.finalize(trace, shutil.rmtree, folder, ignore_errors=True)
        return trace


def open_trace(path: str | Path) -> Trace:
    """Open a recorded trace; its tensors stay on disk until they are used. Needs no torch.

    Raises:
        TraceError: it is not a trace, or damaged.

    Example:
        >>> trace = tl.open_trace("quick.trace")
        >>> trace.text[:9], len(trace.tokens)
        ('The quick', 11)
        >>> trace["resid_post", 2]
        generation/resid_post, layer 2, [position 10, d_model 32] float32
        >>> trace["blocks.2.hook_resid_post"][0, :2]
        array([-1.7256117,  3.7503731], dtype=float32)
        >>> trace.top(k=3)
        after 'ick', position 2
          1   8.30%  ' num'
          2   4.81%  '�'
          3   2.91%  'Y'
    """
    with plain_errors():
        from traced_loops.storage.addresses import typed_path

        return Trace.open(typed_path(str(path)))


def verify(
    trace: Trace | str | Path, *, model: str | Path | None = None, progress: Progress | None = None
) -> list[TensorCheck]:
    """Run a trace's model again and compare: digests, then every tensor and field, each with its ``ok``.

    ``model`` is the folder or hub id of its model; without it, the embedded one, or the hub's cache: a folder
    that a trace names is not opened.

    Raises:
        ValueError: a file was changed, the model is another one, or cannot be found; in one line.

    Example:
        >>> checks = tl.verify(trace, model="tiny-robot")
        >>> all(check.ok for check in checks)
        True
    """
    with plain_errors():
        from traced_loops.jobs.requests import require_models
        from traced_loops.storage.addresses import typed_path

        require_models()
        from model_trace.verify import verify as compare

        path = trace.path if isinstance(trace, Trace) else typed_path(str(trace))
        return compare(path, None, _Lines(progress or _silent), model=None if model is None else str(model))


@overload
def draw(
    source: Trace | Path | str,
    loops: str | int,
    *,
    theme: Theme = "light",
    shape: Shape = "wide",
    language: str = "en",
    quality: Quality = "h",
    subject: Subject | None = None,
    format: Format | Sequence[Format] = (),
    progress: Progress | None = None,
) -> Loop: ...
@overload
def draw(
    source: Trace | Path | str,
    loops: list[str] | tuple[str, ...],
    *,
    theme: Theme = "light",
    shape: Shape = "wide",
    language: str = "en",
    quality: Quality = "h",
    subject: Subject | None = None,
    format: Format | Sequence[Format] = (),
    progress: Progress | None = None,
) -> list[Loop]: ...
def draw(
    source: Trace | Path | str,
    loops: str | int | list[str] | tuple[str, ...],
    *,
    theme: Theme = "light",
    shape: Shape = "wide",
    language: str = "en",
    quality: Quality = "h",
    subject: Subject | None = None,
    format: Format | Sequence[Format] = (),
    progress: Progress | None = None,
) -> Loop | list[Loop]:
    """Draw a loop by its number, or a list of loops by theirs.

    Args:
        source: A trace, or the path of one; a text is a prompt, for which what is needed is recorded.
        loops: A number, "01" to "10", or "f01", "f02" for the figures; or a list of them.
        theme: light, dark, or transparent, which is light without a background.
        shape: wide (16:9), narrow (4:5) or square.
        language: Language of the words: en, de.
        quality: Size of the picture: l 854x480, m 1280x720, h 1920x1080, p 2560x1440, k 3840x2160; that of
            another shape is as wide as these are high.
        subject: Whose name and figures it gives: gpt3, or model for the traced one, which it is for any text
            or model of yours.
        format: Further formats of its files: mp4, webp, gif.
        progress: Called with a line of text whenever there is something to say.

    Raises:
        ValueError: the trace lacks what the loop shows, or an option cannot be used; in one line.

    Example:
        >>> loop = tl.draw(trace, "04", quality="l")
        >>> loop
        Loop 04: Output comes one token at a time; each is fed back.
        >>> loop.webm[:4], sorted(loop.files)[0]
        (b'\\x1aE\\xdf\\xa3', '04-gpt3-generate-tokens-output.json')
        >>> value = next(value for value in loop.values if (value.printed or "").endswith("%"))
        >>> value.tensor, value.index
        ('generation/top_probabilities', (2, 0))
        >>> loop.save("loops").name
        'loops'
    """
    with plain_errors():
        from scenes.wording import catalogue_name
        from traced_loops.jobs import options

        formats = (format,) if isinstance(format, str) else tuple(format)
        check_choice("theme", theme, options.Theme)
        check_choice("shape", shape, options.Shape)
        check_choice("quality", quality, options.Quality)
        for each in formats:
            check_choice("format", each, options.Format)
        if subject is not None:
            check_choice("subject", subject, options.Subject)
        entries = entries_of(loops if isinstance(loops, list | tuple) else [loops])
        recording, path = options.RecordingOptions(), None
        match source:
            case Trace():
                path = source.path
                check_serves(entries, source)
            case Path():
                path = source.expanduser()
                check_serves(entries, Trace.open(path))
            case str():
                recording = options.RecordingOptions(prompt=source)
            case _:
                raise TypeError(f"draw takes a trace, a path or a prompt, not {type(source).__name__}")
        with tempfile.TemporaryDirectory(prefix="traced-loops-") as folder:
            drawing = options.DrawingOptions(
                trace=path,
                subject=subject,
                language=(catalogue_name(language),),
                theme=(theme,),
                shape=(shape,),
                quality=quality,
                also=formats,
                output=Path(folder),
            )
            _draw(entries, recording, drawing, progress or _silent)
            made = read_loops(entries, Path(folder))
        return made if isinstance(loops, list | tuple) else made[0]


def page(
    folder: str | Path,
    *,
    language: str | None = None,
    title: str | None = None,
    lead: str | None = None,
    host: str = "html",
    base_url: str | None = None,
    force: bool = False,
) -> Path:
    """Write the article around the loops in ``folder`` and return its path.

    ``title`` and ``lead`` are your own words at its top. ``host`` makes the loops ready for another place:
    hugo, mkdocs, notebook, snippet or markdown, in a folder of its name. ``base_url`` is the address that the
    page or a snippet's folder will have.

    Raises:
        ValueError: there are no finished loops, or a file is there that is not ours and not to be replaced by
            ``force``; in one line.
    """
    with plain_errors():
        from traced_loops.article.hosts import write_for
        from traced_loops.storage.addresses import typed_path

        folder = typed_path(str(folder))
        return write_for(host, folder, language, title=title, lead=lead, base_url=base_url, force=force)


def batch(
    rows: Sequence[Mapping[str, Any]] | str | Path,
    *,
    output: str | Path = "output",
    cluster: str | None = None,
    retry_failed: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> list[Record]:
    """Make a set of loops for each row, a prompt and any options, each in a folder of its own in ``output``.

    ``rows`` are dicts, ``[{"prompt": "The sky is", "loops": ["04"], "quality": "l"}]``, or the path of a
    table. ``cluster`` is the address of a Dask scheduler whose workers do it; without it, this machine does.
    A row that fails stops no other: each record says what became of its row, by ``status`` and ``error``.

    Raises:
        ValueError: rows, cluster or output cannot be used; a line for each mistake.
    """
    with plain_errors():
        from model_trace.user_files import UserFileError
        from traced_loops.jobs.options import DrawingOptions, RecordingOptions
        from traced_loops.storage.addresses import typed_address, typed_path

        table: Path | list[dict[str, Any]]
        if isinstance(rows, str | Path):
            table = typed_path(str(rows))
        else:
            for number, row in enumerate(rows, start=1):
                if not isinstance(row, Mapping):
                    raise UserFileError(f"row {number} is a {type(row).__name__}: give a dict")
            table = [
                {name: list(cell) if isinstance(cell, tuple) else cell for name, cell in row.items()}
                for row in rows
            ]
        drawing = DrawingOptions(output=typed_address(str(output)), force=force)
        return _batch(table, RecordingOptions(), drawing, cluster, retry_failed, progress or _silent)


# The three that follow are all that this module takes of the jobs that record and draw.


def _record(
    entries: Sequence[Entry], recording: RecordingOptions, path: Path, everything: bool, say: Progress
) -> None:
    """Record what the loops need into the folder ``path``."""
    from traced_loops.jobs.keep import keep
    from traced_loops.jobs.options import CacheOptions

    keep(entries, recording, path, everything, _Lines(say), CacheOptions())


def _draw(
    entries: Sequence[Entry], recording: RecordingOptions, drawing: DrawingOptions, say: Progress
) -> None:
    """Draw the loops into the output folder, and list them there."""
    from traced_loops.jobs.run import make

    for failure in make(entries, recording, drawing, _Lines(say), leave_out=False).failures:
        raise failure.why


def _batch(
    table: Path | Sequence[Mapping[str, Any]],
    recording: RecordingOptions,
    drawing: DrawingOptions,
    cluster: str | None,
    retry_failed: bool,
    say: Progress,
) -> list[Record]:
    """Make a set for each row."""
    from traced_loops.jobs.batch import make

    return make(table, recording, drawing, cluster, retry_failed, _Lines(say))


class _Lines:
    """Progress in lines of text: one when a task begins and ends, and every few seconds one of a count."""

    def __init__(self, say: Progress) -> None:
        self._say = say
        self._told: dict[str, float] = {}  # when, by task
        self._lock = threading.Lock()

    def __call__(
        self, task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
    ) -> None:
        """Report a task as ``model_trace.progress`` has it."""
        now = time.monotonic()
        with self._lock:
            if state in (WAITING, GONE):
                self._told.pop(task, None)
            elif state in (DONE, FAILED):
                self._told.pop(task, None)
                self._say(f"{task}: {state}")
            elif done == total or task not in self._told or now - self._told[task] >= _BETWEEN_LINES:
                self._told[task] = now
                self._say(f"{task}: {done:,} of {total:,} {state}" if total else task)


def _silent(words: str) -> None:
    """Say nothing."""
