"""Manim's renderer and camera without the work that leaves no trace in a picture."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, NamedTuple

import cairo
from manim import Camera, Mobject, Scene, VMobject
from manim.renderer.cairo_renderer import CairoRenderer
from manim.typing import FloatRGBA_Array, RGBAPixelArray

from scenes.stage import families

# A miter may reach ten half widths of its line, Cairo's limit; of a pixel's rim a little is seen beside it.
_REACH, _RIM = 5, 2

# Pixels from the upper left: left, top, right, bottom.
Box = tuple[int, int, int, int]


class _Mark(NamedTuple):
    """What a shape looked like when it was drawn: all that Cairo was told, where it left ink, and how."""

    look: Hashable
    box: Box | None
    is_filled: bool
    is_outlined: bool
    is_underlined: bool  # an outline under the filling


class LoopRenderer(CairoRenderer):
    """A renderer that draws each frame over the one before it, see ``LoopCamera``."""

    camera: LoopCamera

    def __init__(self, **options: Any) -> None:
        super().__init__(camera_class=LoopCamera, **options)

    def save_static_frame_data(self, scene: Scene, static_mobjects: Iterable[Mobject]) -> None:
        """Nothing to save: what stands still is left where it was drawn."""

    def update_frame(self, scene: Scene, *_: Any, **__: Any) -> None:
        """Draw the scene as it is now; a picture that stays for a while is drawn as a whole."""
        drawn = self.camera.show(scene.mobjects, whole=scene.is_current_animation_frozen_frame())
        # each is written once: where nothing was drawn the writer need not look
        self.file_writer.rows = [(top, bottom) for _, top, _, bottom in drawn]

    def get_frame(self) -> RGBAPixelArray:
        """The frame as it is until the next one is drawn: a copy each time costs more than to compare it."""
        return self.camera.pixel_array


class LoopCamera(Camera):
    """A camera that draws what Manim's draws, and faster.

    Only the boxes of a frame in which something changed are drawn again, with all that reaches into them.
    A shape's outline is handed to Cairo curve by curve only when the shape changes, from then on as a whole.
    What moves changes: an outline that Cairo holds is rounded, and rounded again elsewhere it would differ by
    up to 9 of 255. What is transparent is not drawn.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._marks: dict[VMobject, _Mark] = {}
        self._outlines: dict[VMobject, Any] = {}

    def show(self, mobjects: Iterable[Mobject], *, whole: bool) -> list[Box]:
        """Draw these in place of what was shown before, the ``whole`` picture or what changed of it.

        Returns the boxes that were drawn.
        """
        before, self._marks = self._marks, {}
        changed: list[_Mark] = []
        for shape in self.get_mobjects_to_display(mobjects):
            assert isinstance(shape, VMobject)
            look, known = _look(shape), before.get(shape)
            if known is not None and known.look == look:
                self._marks[shape] = known
                continue
            mark = self._marks[shape] = self._mark(shape, look)
            changed += [mark] if known is None else [mark, known]
            self._outlines.pop(shape, None)
        for shape in before.keys() - self._marks.keys():
            changed.append(before[shape])
            self._outlines.pop(shape, None)
        if whole or not _same_order(before, self._marks):
            boxes = [(0, 0, self.pixel_width, self.pixel_height)]
        else:
            boxes = _apart(mark.box for mark in changed if mark.box is not None)
            for _ in range(2):  # what is drawn whole may itself reach into others
                boxes = _apart([*boxes, *self._reaching(boxes)])
        for box in boxes:
            self._draw(box)
        return boxes

    def get_mobjects_to_display(self, mobjects: Iterable[Mobject], *_: Any, **__: Any) -> list[Mobject]:
        """The shapes from the lowest to the highest. Manim's own way asks each for its family again."""
        return [mobject for mobject in families(list(mobjects)) if len(mobject.points)]

    def set_cairo_context_path(self, ctx: cairo.Context[Any], vmobject: VMobject) -> LoopCamera:
        """Make the shape's outline the context's path."""
        ctx.new_path()
        outline = self._outlines.get(vmobject)
        if outline is not None:
            ctx.append_path(outline)
            return self
        _trace(ctx, vmobject)
        # kept when it is drawn a second time where it was
        self._outlines[vmobject] = ctx.copy_path() if vmobject in self._outlines else None
        return self

    def display_vectorized(self, vmobject: VMobject, ctx: cairo.Context[Any]) -> LoopCamera:
        """Draw of the shape what is to be seen."""
        mark = self._marks[vmobject]
        self.set_cairo_context_path(ctx, vmobject)
        if mark.is_underlined:
            self.apply_stroke(ctx, vmobject, background=True)
        if mark.is_filled:
            self.apply_fill(ctx, vmobject)
        if mark.is_outlined:
            self.apply_stroke(ctx, vmobject)
        return self

    def _reaching(self, boxes: list[Box]) -> Iterator[Box]:
        """Boxes of the shapes that reach into these.

        They are drawn whole: of an outline or gradient that is cut at a box's edge, Cairo's pixels differ by
        up to 3 of 255 from those of the whole.
        """
        for mark in self._marks.values():
            if mark.box is not None and any(_meet(mark.box, box) for box in boxes):
                yield mark.box

    def _draw(self, box: Box) -> None:
        """Draw all shapes that reach into the box, and no pixel outside it."""
        left, top, right, bottom = box
        assert self.background is not None
        self.pixel_array[top:bottom, left:right] = self.background[top:bottom, left:right]
        context = self.get_cairo_context(self.pixel_array)
        context.save()
        matrix = context.get_matrix()
        context.identity_matrix()
        context.new_path()
        context.rectangle(left, top, right - left, bottom - top)
        context.clip()
        context.set_matrix(matrix)
        for shape, mark in self._marks.items():
            if mark.box is not None and _meet(mark.box, box):
                self.display_vectorized(shape, context)
        context.restore()

    def _mark(self, shape: VMobject, look: Hashable) -> _Mark:
        is_filled = _is_seen(shape.get_fill_rgbas())
        over, under = (
            shape.get_stroke_width(under) if _is_seen(shape.get_stroke_rgbas(under)) else 0.0
            for under in (False, True)
        )
        box = self._box(shape, max(over, under)) if is_filled or over or under else None
        return _Mark(look, box, is_filled, over > 0, under > 0)

    def _box(self, shape: VMobject, width: float) -> Box | None:
        """Where the shape leaves ink with an outline of this ``width``; None for nowhere."""
        reach = width * self.cairo_line_width_multiple * _REACH
        (west, south, _), (east, north, _) = shape.points.min(axis=0), shape.points.max(axis=0)
        across, down = self.pixel_width / self.frame_width, self.pixel_height / self.frame_height
        x, y, _ = self.frame_center
        box = (
            max(0, int((west - reach - x) * across + self.pixel_width / 2) - _RIM),
            max(0, int((y - north - reach) * down + self.pixel_height / 2) - _RIM),
            min(self.pixel_width, int((east + reach - x) * across + self.pixel_width / 2) + 1 + _RIM),
            min(self.pixel_height, int((y - south + reach) * down + self.pixel_height / 2) + 1 + _RIM),
        )
        return box if box[0] < box[2] and box[1] < box[3] else None


def _is_seen(colours: FloatRGBA_Array) -> bool:
    return any(colours[:, 3].tolist())


def _trace(context: cairo.Context[Any], shape: VMobject) -> None:
    """Draw the shape's curves into the context's path, as Manim does.

    With Python's numbers: to take NumPy's out one by one is slow.
    """
    near: Callable[[Any, Any], bool] = shape.consider_points_equals_2d
    path = shape.points[:, :2].tolist()
    first = last = None
    for start, out, into, end in zip(path[::4], path[1::4], path[2::4], path[3::4], strict=False):
        if last is None or (last != start and not near(last, start)):
            if last is not None and near(first, last):
                context.close_path()
            first = start
            context.new_sub_path()
            context.move_to(*start)
        context.curve_to(*out, *into, *end)
        last = end
    if last is not None and near(first, last):
        context.close_path()


def _look(shape: VMobject) -> Hashable:
    """All that a shape's picture depends on."""
    return (
        shape.points.tobytes(),
        shape.fill_rgbas.tobytes(),
        shape.stroke_rgbas.tobytes(),
        shape.background_stroke_rgbas.tobytes(),
        shape.stroke_width,
        shape.background_stroke_width,
        tuple(shape.sheen_direction),
        shape.joint_type,
        shape.cap_style,
    )


def _same_order(before: dict[VMobject, _Mark], after: dict[VMobject, _Mark]) -> bool:
    """Whether what is in both lies the same way, one over the other."""
    return [shape for shape in before if shape in after] == [shape for shape in after if shape in before]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _apart(boxes: Iterable[Box]) -> list[Box]:
    """Boxes that cover these and do not meet."""
    apart: list[Box] = []
    for box in boxes:
        while meeting := [other for other in apart if _meet(other, box)]:
            apart = [other for other in apart if other not in meeting]
            lefts, tops, rights, bottoms = zip(box, *meeting, strict=True)
            box = min(lefts), min(tops), max(rights), max(bottoms)
        apart.append(box)
    return apart
