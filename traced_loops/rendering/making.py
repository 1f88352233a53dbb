"""The work on one job: a function of small JSON that gives bytes, so that any machine can do it."""

from __future__ import annotations

import gc
from dataclasses import replace

from traced_loops.rendering.jobs import Drawn, Job


def make(job: Job, kept: Drawn | None = None) -> Drawn:
    """The job's picture with all its files; what ``kept`` holds of it is not made again."""
    drawn = kept or _draw(job)
    if kept is None:
        # a scene and its renderer hold each other, and an encoder's memory, of which Python knows nothing
        gc.collect()
    lacking = [ending for ending in job.formats if ending not in drawn.files]
    if not lacking:
        return drawn
    # imported where it is needed: converting is asked for rarely
    from traced_loops.rendering.codecs import CODECS
    from traced_loops.rendering.formats import convert

    made = {ending: convert(drawn.files["webm"], ending, CODECS[job.codec].decoder) for ending in lacking}
    return replace(drawn, files={**drawn.files, **made})


def _draw(job: Job) -> Drawn:
    # imported where it is needed: who hands out jobs does without Manim
    if job.entry.is_figure:
        from traced_loops.rendering.figures import draw_figure

        return draw_figure(job)
    from traced_loops.rendering.drawing import draw_loop

    return draw_loop(job)
