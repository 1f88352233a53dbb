"""Draw one loop in any shape, to look at: ``python -m tests.draw 04 X.trace OUT --shape narrow``.

It writes ``OUT/STEM.webm`` and ``OUT/STEM.png`` (a figure: PNG and SVG).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from model_trace.store import store
from scenes.frame import FRAMES
from scenes.style import THEMES
from tests.loops import content, entry, job
from traced_loops.rendering.drawing import draw_loop
from traced_loops.rendering.figures import draw_figure
from traced_loops.rendering.jobs import Quality


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number")
    parser.add_argument("trace", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--shape", choices=FRAMES, default="narrow")
    parser.add_argument("--theme", choices=THEMES, default="light")
    parser.add_argument("--language", default="en")
    parser.add_argument("--width", type=int, default=540, help="pixels")
    parser.add_argument("--fps", type=int, default=10)
    chosen = parser.parse_args()
    frame = FRAMES[chosen.shape]
    quality = Quality(chosen.width, round(chosen.width * frame.height / frame.width / 2) * 2, chosen.fps)
    said = content(chosen.number, store.open_trace(chosen.trace))
    drawing = job(chosen.number, said, quality, chosen.theme)
    drawing = replace(drawing, language=chosen.language, shape=frame.name)
    made = (draw_figure if entry(chosen.number).is_figure else draw_loop)(drawing)
    chosen.out.mkdir(parents=True, exist_ok=True)
    for ending, data in made.files.items():
        path = chosen.out / f"{entry(chosen.number).stem}.{ending}"
        path.write_bytes(data)
        print(path)


if __name__ == "__main__":
    main()
