"""How a loop's frames become a WebM: the encoders and their settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Codec:
    """An encoder and a decoder, as ffmpeg names them, and the encoder's settings.

    ``alpha`` are those it needs as well to carry alpha, None if it cannot. ``again`` is a packet that shows
    the only keyframe again, None where there is no such packet.
    """

    encoder: str
    decoder: str
    options: Mapping[str, object]
    alpha: Mapping[str, object] | None = None
    again: bytes | None = None


# A whole frame in VP9: show what is in the last of the decoder's eight buffers. A keyframe fills them all,
# and without a lag or layers libvpx writes to the first three only.
_SHOW_AGAIN = bytes([0b10_00_1_111])

# Measured on a 10.7 s loop: a sixth of the CPU time of Manim's settings at the same size and SSIM. Tuned for
# screens the encoder leaves less behind where something vanished from a white page: 0.01 % of the pixels
# there are off by more than 2 of 255, not 0.43 %, at 3 % fewer bytes. At a crf of 30 loop 08's SSIM is more
# than 0.001 below that of Manim's settings, at 28 no loop's.
_VP9 = Codec(
    "libvpx-vp9",
    "libvpx-vp9",  # ffmpeg's own reads no alpha
    {
        "deadline": "realtime",
        "cpu-used": "6",
        "lag-in-frames": "0",
        "b": "0",
        "crf": "28",
        "tune-content": "screen",
    },
    alpha={"auto-alt-ref": "0"},  # a frame that is never shown has no alpha
    again=_SHOW_AGAIN,
)

CODECS: Mapping[str, Codec] = {
    "vp9": _VP9,
    # For viewers that are known to play it; in a draft no smaller. Presets from 10 on warn of artefacts.
    "av1": Codec("libsvtav1", "libdav1d", {"preset": "9", "crf": "30", "svtav1-params": "lp=1"}),
    "lossless": Codec(
        _VP9.encoder,
        _VP9.decoder,
        {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "lossless": "1"},
        alpha=_VP9.alpha,
        again=_VP9.again,
    ),
}
