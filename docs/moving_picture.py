"""Join drawn loops into the README's moving picture: python docs/moving_picture.py FOLDER 04 06 07

The folder is what `python render.py videos 04 06 07 --quality l --fps 10 -o FOLDER` wrote.
"""

from __future__ import annotations

import sys
from pathlib import Path

import av
from PIL import Image

WIDTH, QUALITY = 700, 50


def main(folder: Path, numbers: list[str]) -> None:
    """Write loops.webp beside this file: one loop after the other, without end."""
    frames: list[Image.Image] = []
    durations: list[int] = []
    for number in numbers:
        (file,) = folder.glob(f"{number}-*.webm")
        with av.open(str(file)) as video:
            decoded = [(frame.time, frame.to_image()) for frame in video.decode(video=0)]
            end = float(video.duration or 0) / av.time_base
        times = [time for time, _ in decoded] + [end]
        for place, (time, image) in enumerate(decoded):
            frames.append(image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.LANCZOS))
            durations.append(max(20, round(1000 * (times[place + 1] - time))))
    target = Path(__file__).with_name("loops.webp")
    frames[0].save(
        target, save_all=True, append_images=frames[1:], duration=durations, loop=0, quality=QUALITY, method=6
    )
    print(f"{target}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
