"""Text that a model is given, key by key, and the tokens it writes."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, RIGHT, UP, Dot, Rectangle, VGroup, VMobject

from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.parts.outline import reach
from scenes.parts.paragraph import Paragraph
from scenes.parts.rounded import Rounded
from scenes.parts.token import OnDemand
from scenes.parts.token_lines import TokenLines
from scenes.style import Style
from scenes.wording import Wording

_SIZE = 38  # pixels of the given text's em
_PADDING = 28
_KEYS = 290  # how wide the keys' column is
_SHOWN = 2  # examples
# pixels, at least: within a frame, between the frames, examples, the description and the tokens
_AROUND, _BETWEEN, _APART, _BEFORE = 20, 16, 16, 34
_WITHIN, _MOST_AIR = 6, 1.5  # between the lines of an example; so many times the least distances at most

Line = tuple[str, str]


class Value(VGroup):
    """A text on its ground, which is its ``box``."""

    def __init__(self, box: VMobject, text: VMobject) -> None:
        self.box = box
        super().__init__(decoration(box), text)


class KeyedLine(VGroup):
    """A key as it stands in the prompt, and its value on green; ``strong`` edges it."""

    def __init__(self, line: Line, style: Style, *, width: float, lines: int, strong: bool) -> None:
        palette, px = style.palette, style.px
        self.style = style
        key, value = line
        self.whole = value
        self.key = Label(key, _SIZE, palette.muted, mono=True)
        self.value = Paragraph(
            value,
            style,
            size=_SIZE,
            color=palette.text,
            width=width - _KEYS - 24,
            lines=lines,
            weight="SEMIBOLD" if strong else "NORMAL",
            mono=True,
        )
        self.box = Rectangle(
            width=self.value.width + px(24), height=self.value.height + px(16), stroke_width=0
        )
        self.box.set_fill(palette.input_fill, opacity=1)
        if strong:
            self.box.set_stroke(palette.input_edge, width=style.stroke(style.line))
        self.box.next_to(self.key, RIGHT, buff=0).align_to(self.key.get_left() + px(_KEYS) * RIGHT, LEFT)
        self.value.move_to(self.box)
        first = self.value[0].get_y()
        VGroup(self.box, self.value).shift((self.key.get_y() - first) * UP)
        self.text = Value(self.box, self.value)
        super().__init__(self.key, *self.text)

    def word(self, start: int, end: int) -> Rectangle | None:
        """A frame around the letters of the value from ``start`` to ``end``; None if they are not shown."""
        style, done = self.style, 0
        for line in self.value.lines:
            shown = line.text.rstrip("…")
            # a line break may stand for a space
            done += len(self.whole[done:]) - len(self.whole[done:].lstrip(" "))
            latin = all(letter < "\u0250" for letter in shown)  # its letters follow each other
            if latin and done <= start and end <= done + len(shown):
                letters = line.points[reach(line.text, start - done, end - done, *line.face)]
                left, right = letters[:, 0].min(), letters[:, 0].max()
                frame = Rectangle(width=right - left + style.px(9), height=line.height + style.px(6))
                frame.set_stroke(style.palette.mark, width=style.stroke(style.hairline))
                return decoration(frame.move_to(line).set_x((left + right) / 2))
            done += len(shown)
        return None


class CodePanel(VGroup):
    """Two frames: the ``examples``, and below them the ``description``, its open key, and the ``output``.

    ``frames`` are the edges around the two, of which the first is missing where there is no example;
    ``pairs`` are the lines of the examples shown, ``line`` that of the description. The tokens stand where
    the examples' code does. Long lines are shortened, the examples first, until the tokens have a few lines
    to stand in. Of more than two examples the last two are shown, and how many are left out.
    """

    def __init__(
        self,
        examples: Sequence[tuple[Line, Line]],
        description: Line,
        asked: str,
        tokens: Sequence[VMobject] | OnDemand,
        style: Style,
        wording: Wording,
        *,
        width: float,
        height: float,
    ) -> None:
        px = style.px
        self.style, self.inner = style, width - 2 * _PADDING
        room = self.inner - _KEYS
        pitch = style.chip_height + 1.4 * style.gap
        whole = TokenLines(tokens, style, wording, width=room, lines=len(tokens) + 1)
        needed = round((whole.height / px(1) + 1.4 * style.gap) / pitch)
        left_out = max(0, len(examples) - _SHOWN)
        text = wording("… and {count} more before", count=wording.integer(left_out))
        more = [Label(text, style.type.small, style.palette.muted)] if left_out else []
        for least, most in ((needed, (2, 3)), (3, (2, 3)), (3, (1, 3)), (2, (1, 2)), (1, (1, 1))):
            self.pairs = [
                [self._line(line, most[0], strong=False) for line in pair] for pair in examples[left_out:]
            ]
            self.line = self._line(description, most[1], strong=True)
            blocks = [part for part in (VGroup(*more), *map(self._block, self.pairs)) if len(part)]
            # without the tokens, and with the least distances
            spent = sum(part.height for part in (*blocks, self.line)) / px(1)
            gaps = (
                2 * _AROUND + _BEFORE + (2 * _AROUND + _BETWEEN + _APART * (len(blocks) - 1)) * bool(blocks)
            )
            lines = min(needed, int((height - spent - gaps + 1.4 * style.gap) / pitch))
            if lines >= min(needed, least):
                break
        lines = max(1, lines)
        self.output = TokenLines(tokens, style, wording, width=room, lines=lines)
        air = (height - spent - lines * pitch) / gaps
        air = max(0.5, min(_MOST_AIR, air))
        self.examples = VGroup(*blocks).arrange(DOWN, buff=px(_APART * air), aligned_edge=LEFT)
        self.frames: list[Rounded] = []
        top = 0.0
        if blocks:
            frame = self._frame(width, self.examples.height / px(1) + 2 * _AROUND * air)
            self.examples.align_to(frame.get_corner(UP + LEFT) + px(_PADDING) * RIGHT, LEFT).set_y(
                frame.get_y()
            )
            self.frames.append(frame)
            top = frame.height / px(1) + _BETWEEN * air
        frame = self._frame(width, height - top).shift(px(top) * DOWN)
        self.frames.append(frame)
        corner = frame.get_corner(UP + LEFT) + px(_PADDING) * RIGHT
        self.line.align_to(corner, LEFT).align_to(corner + px(_AROUND * air) * DOWN, UP)
        start = self.line.get_bottom() + px(_BEFORE * air) * DOWN
        self.output.shift(start - self.output.corner.get_center())
        self.output.shift((corner[0] + px(_KEYS) - self.output.corner.get_x()) * RIGHT)
        self.asked = Label(asked, _SIZE, style.palette.muted, mono=True)
        self.asked.align_to(corner, LEFT).level_with(Dot(self.level * UP))
        super().__init__(*self.frames, self.examples, self.line, self.asked, self.output)

    @property
    def level(self) -> float:
        """How high the middle of the first line of tokens is."""
        return float(self.output.corner.get_y()) - self.style.px(self.style.chip_height / 2)

    @staticmethod
    def _block(lines: Sequence[KeyedLine]) -> VGroup:
        return VGroup(*lines).arrange(DOWN, buff=Style.px(_WITHIN), aligned_edge=LEFT)

    def _line(self, line: Line, most: int, *, strong: bool) -> KeyedLine:
        return KeyedLine(line, self.style, width=self.inner, lines=most, strong=strong)

    def _frame(self, width: float, height: float) -> Rounded:
        """An edge of this size, its upper left corner in the origin."""
        style, px = self.style, self.style.px
        frame = Rounded(
            px(width),
            px(height),
            px(18),
            stroke_color=style.palette.special_edge,
            stroke_width=style.stroke(style.hairline),
        )
        return decoration(frame).move_to(px(width / 2) * RIGHT + px(height / 2) * DOWN)
