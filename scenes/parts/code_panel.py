"""A panel of text that a model is given, key by key, and the tokens it writes."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, RIGHT, UP, Rectangle, VGroup, VMobject

from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.rounded import Rounded
from scenes.parts.token import OnDemand
from scenes.parts.token_lines import TokenLines
from scenes.style import Style
from scenes.wording import Wording

_SIZE = 38  # pixels of the given text's em
_PADDING = 28
_KEYS = 290  # how wide the keys' column is
_HEAD, _GAP, _SECTION = 14, 8, 26  # between a head and its lines, lines, sections

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
            # a line break stands for a space
            latin = all(letter < "\u0250" for letter in line.text.rstrip("…"))  # letters of one width
            if latin and done <= start and end <= done + len(line.text.rstrip("…")):
                letter = line.width / max(1, len(line.text))
                left = line.get_left()[0] + (start - done) * letter
                frame = Rectangle(
                    width=(end - start) * letter + style.px(8), height=line.height + style.px(6)
                )
                frame.set_stroke(style.palette.mark, width=style.stroke(style.line))
                return frame.move_to(line).set_x(left + (end - start) * letter / 2)
            done += len(line.text) + 1
        return None


class CodePanel(VGroup):
    """``frame``; ``examples`` and ``description`` with their heads; ``asked``, the open key; ``output``.

    ``pairs`` are the lines of the examples shown, ``line`` that of the description. Beside the open key
    stands ``written``: whose work the tokens are. Without ``heads`` one stands over all that is given.
    Long lines are shortened, the examples first, until the tokens have a few lines to stand in. Of more
    than two examples the last two are shown, and how many are left out.
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
        written: str,
        heads: bool = True,
    ) -> None:
        self.heads = heads
        self.style, self.wording, self.inner = style, wording, width - 2 * _PADDING
        px = style.px
        self.frame = Rounded(
            px(width),
            px(height),
            px(18),
            stroke_color=style.palette.special_edge,
            stroke_width=style.stroke(style.hairline),
        )
        line = style.chip_height + 1.4 * style.gap
        whole = TokenLines(tokens, style, wording, width=self.inner, lines=len(tokens) + 1)
        needed = whole.height / px(1)
        for air, least, most in (
            (2.2, needed, (2, 3)),
            (1.6, needed, (2, 3)),
            (1.0, min(needed, 3 * line), (2, 3)),
            (1.0, min(needed, 3 * line), (1, 3)),
            (1.0, min(needed, 2 * line), (1, 2)),
        ):
            self._given(examples, description, most, air)
            key = Label(asked, _SIZE, style.palette.muted, mono=True)
            said = self._head(written).level_with(key).align_to(key.get_left() + px(_KEYS) * RIGHT, LEFT)
            self.asked = VGroup(self._ground(key), self._ground(said), key, said)
            sections = VGroup(self.examples, self.description, self.asked)
            sections.arrange(DOWN, buff=px(_SECTION * air), aligned_edge=LEFT)
            room = height - 2 * _PADDING - sections.height / px(1) - _HEAD * air
            if room >= least:
                break
        self.output = TokenLines(
            tokens, style, wording, width=self.inner, lines=max(1, int((room + 1.4 * style.gap) / line))
        )
        sections.align_to(self.frame.get_corner(UP + LEFT) + px(_PADDING) * (DOWN + RIGHT), UP + LEFT)
        start = self.asked.get_corner(DOWN + LEFT) + px(_HEAD * air) * DOWN
        self.output.shift(start - self.output.corner.get_center())
        super().__init__(decoration(self.frame), sections, self.output)

    def _given(
        self, examples: Sequence[tuple[Line, Line]], description: Line, most: tuple[int, int], air: float
    ) -> None:
        """Both, with at most so many lines to each value, and ``air`` times the least distances."""
        style, w, px = self.style, self.wording, self.style.px
        left_out = max(0, len(examples) - 2)
        rows = [
            KeyedLine(line, style, width=self.inner, lines=most[0], strong=False)
            for example in examples[left_out:]
            for line in example
        ]
        text = w("A person writes examples") if self.heads else w("A person writes")
        if left_out:
            text = w("A person writes examples ({count} more before)", count=w.integer(left_out))
        lines = VGroup(*rows).arrange(DOWN, buff=px(_GAP * air), aligned_edge=LEFT)
        self.pairs = [rows[start : start + 2] for start in range(0, len(rows), 2)]
        self.examples = VGroup(self._head(text), lines) if rows else VGroup()
        self.examples.arrange(DOWN, buff=px(_HEAD * air), aligned_edge=LEFT)
        self.line = KeyedLine(description, style, width=self.inner, lines=most[1], strong=True)
        head = [self._head(w("A person writes a new description"))] if self.heads or not rows else []
        self.description = VGroup(*head, self.line)
        self.description.arrange(DOWN, buff=px(_HEAD * air), aligned_edge=LEFT)

    def _head(self, text: str) -> Label:
        return Label(text, self.style.type.small, self.style.palette.text, weight="SEMIBOLD")

    def _ground(self, label: Label) -> Rectangle:
        """What hides a line that passes under the label."""
        ground = Rectangle(width=label.width, height=label.height, stroke_width=0).move_to(label)
        return decoration(ground).set_fill(
            self.style.palette.background, opacity=1 if self.style.opaque else 0
        )
