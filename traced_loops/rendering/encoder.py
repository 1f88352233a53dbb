"""One encoder for a whole loop, in place of Manim's one per animation."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
from av.video.frame import PictureType
from av.video.stream import VideoStream
from manim import config
from manim.scene.scene_file_writer import SceneFileWriter
from manim.typing import RGBAPixelArray

from traced_loops.rendering.codecs import Codec
from traced_loops.rendering.unpremultiply import Pixels, straight
from traced_loops.rendering.yuv import Rows, YuvPlanes, same


class LoopWriter(SceneFileWriter):
    """A file writer that encodes every frame of a scene into one stream, in memory: ``file``, a WebM.

    Manim opens and flushes an encoder for each animation; here the stream stays open from the first frame
    to the last. Frame 0 is kept in ``still`` [height, width, 4], before compression. Unless ``opaque``, a
    second stream in the same track carries the frames' alpha, as WebM has it. With ``every`` frame a picture
    that stays is converted and encoded as often as it is shown. A renderer that knows in which ``rows`` alone
    its frame can differ from the one before says so before it writes it. ``count`` is called with how many
    frames were written each time.
    """

    def __init__(
        self,
        settings: Any,
        *,
        codec: Codec,
        tags: Mapping[str, str],
        opaque: bool = True,
        every: bool = False,
        count: Callable[[int], None] = lambda frames: None,
    ) -> None:
        super().__init__(settings)
        self.file = io.BytesIO()
        self.opaque = opaque
        self.pixel_format = "yuv420p" if opaque else "yuva420p"
        self.codec = codec
        self.tags = tags
        self.every = every
        self.count = count
        self.frames = 0
        self.still: Pixels | None = None
        self.rows: Sequence[Rows] | None = None
        self._planes: YuvPlanes | None = None
        self._last = 0
        self._away = self._returned = False
        self._keyframes = 0
        self._container: av.container.OutputContainer | None = None
        self._stream: Any = None

    def begin_animation(self, allow_write: bool = False, **_: Any) -> None:
        """Nothing to open: the stream spans all animations."""

    def end_animation(self, allow_write: bool = False) -> None:
        """Nothing to close."""

    def write_frame(self, pixels: RGBAPixelArray, *, repeat: int = 1) -> None:
        """Show one of Cairo's RGBA frames [height, width, 4] for ``repeat`` frames.

        A picture that stays is encoded once, and lasts: WebM says when a frame begins, not how long it is.
        """
        drawn = np.asarray(pixels, np.uint8) if self.opaque else straight(np.asarray(pixels, np.uint8))
        if self.every:
            self._write_each(drawn, repeat)
            self.count(repeat)
            return
        first = self._planes is None
        if self._planes is None:
            self._open(drawn)
            self._planes = YuvPlanes(drawn, self.pixel_format)
        if first or self._planes.update(drawn, self.rows):
            answer = repeat > 1 and self.still is not None and same(drawn, self.still)
            if answer and self._away:
                self._return(self._planes)
            else:
                self._encode(self._planes, PictureType.I if self._returned else PictureType.NONE)
                self._returned = False
            self._away = not answer
        self.frames += repeat
        self.count(repeat)

    def _write_each(self, drawn: Pixels, repeat: int) -> None:
        if self._planes is None:
            self._open(drawn)
        for _ in range(repeat):
            self._planes = YuvPlanes(drawn, self.pixel_format)
            self._encode(self._planes)
            self.frames += 1

    def _return(self, planes: YuvPlanes) -> None:
        """Back at frame 0's picture: not as what the story left of it, so that the seam is exact.

        And so that the picture looked at longest is the sharpest. A decoder that still holds frame 0 is told
        to show it again; otherwise the picture is coded afresh.
        """
        if self.codec.again is None or not self.opaque or self._keyframes > 1:
            self._encode(planes, PictureType.I)
            return
        self._show_again(self.frames)
        # the encoder does not know of this: what follows it must not build on what came before
        self._returned = True

    def _show_again(self, at: int) -> None:
        """Let the decoder show frame 0 as frame ``at``."""
        assert self._container is not None
        packet = av.Packet(self.codec.again)
        packet.stream, packet.time_base = self._stream, self._stream.codec_context.time_base
        packet.pts = packet.dts = self._last = at
        self._container.mux(packet)

    def _encode(self, planes: YuvPlanes, kind: PictureType = PictureType.NONE, at: int | None = None) -> None:
        """Encode the picture that is shown, as a frame that begins at frame ``at``, by default now."""
        frame = planes.frame
        frame.pict_type = kind
        frame.pts = self._last = self.frames if at is None else at
        self._mux(frame)

    def finish(self) -> None:
        """Flush the encoder and close the file."""
        if self._container is not None and self._planes is not None:
            if self._last < self.frames - 1:
                # the file ends when its last frame does: that one is there twice
                if self._returned:
                    self._show_again(self.frames - 1)
                else:
                    self._encode(self._planes, at=self.frames - 1)
            self._mux(None)
            self._container.close()
            self._container = None

    def abort_encode_jobs(self, reraise_encoder_failures: bool = False) -> None:
        """Stop in the middle: the scene failed."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def _open(self, first: Pixels) -> None:
        self.still = first.copy()
        # SVT-AV1 prints its settings unless it is told here that errors are enough
        os.environ.setdefault("SVT_LOG", "1")
        # without bitexact the muxer writes random identifiers and no two runs give the same bytes
        container = av.open(self.file, "w", format="webm", options={"fflags": "+bitexact"})
        container.metadata.update(self.tags)
        rate = Fraction(config.frame_rate).limit_denominator(1001)
        stream = cast("VideoStream", container.add_stream(self.codec.encoder, rate=rate))
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = self.pixel_format
        stream.options = dict(self.codec.options)
        if self.pixel_format == "yuva420p":
            assert self.codec.alpha is not None
            stream.options |= self.codec.alpha
            stream.metadata["alpha_mode"] = "1"
        context = stream.codec_context
        # Only the first frame is coded whole: a keyframe costs 100 kB, up to a third of a loop at 1920x1080,
        # and a player that jumps decodes ten seconds at most.
        context.gop_size = 9999
        context.thread_count = 1  # loops are drawn side by side, a second thread would only cost
        context.flags |= 1 << 23  # AV_CODEC_FLAG_BITEXACT
        context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
        context.color_range = 1  # limited
        self._container, self._stream = container, stream

    def _mux(self, frame: av.VideoFrame | None) -> None:
        assert self._container is not None
        for packet in self._stream.encode(frame):
            self._keyframes += packet.is_keyframe
            self._container.mux(packet)
