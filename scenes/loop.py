"""Base classes of the scenes: a figure is one picture; a loop clears to the question and builds it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from manim import (
    Animation,
    AnimationGroup,
    Camera,
    Group,
    ManimColor,
    Mobject,
    VGroup,
    VMobject,
    config,
    linear,
)

from scenes.display_token import TextSource
from scenes.display_token import spaced as has_spaces
from scenes.fade import FadeOut
from scenes.fonts import use_bundled_fonts
from scenes.marks import boxes
from scenes.parts.credit import credit
from scenes.parts.flight import pale
from scenes.phrases import stands_in
from scenes.stage import Stage
from scenes.style import Style
from scenes.wording import Wording


@dataclass(frozen=True)
class Beat:
    """A named part of the story, with its start and end in seconds from the start of the loop."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class Move:
    """One ``play`` or ``rest``: its kind, when it starts and how long it takes, in seconds."""

    kind: str
    start: float
    seconds: float


class FigureScene(Stage):
    """A figure: one picture that stands still. A subclass draws its ``content`` in ``compose``.

    ``bind`` gives the class its content, so that Manim's own command can render it too.
    """

    content: ClassVar[Any]
    style: ClassVar[Style]
    wording: ClassVar[Wording]
    names_subject: ClassVar[bool] = True  # whether the picture bears the name of the model that it explains

    @classmethod
    def bind(cls, content: Any, style: Style, wording: Wording) -> type[Self]:
        """Return a subclass that draws this content in this style and language."""
        return type(cls.__name__, (cls,), {"content": content, "style": style, "wording": wording})

    def compose(self) -> Group:
        """Return the finished picture: a group of parts, each where it stays."""
        raise NotImplementedError

    def credit(
        self,
        text_source: TextSource | None,
        *,
        model: str | None = None,
        spaced: bool | None = None,
        tokens_only: bool = False,
    ) -> VGroup:
        """Return the line in the lower right corner: whose values are drawn, and whose text; see ``credit``.

        ``model`` is the traced model with what else was traced, its untrained twin for one. What is
        ``spaced`` is the content's texts where it is not given.
        """
        content = self.content
        return credit(
            model or self.wording.model(content.model),
            text_source,
            self.style,
            self.wording,
            stands_for=content.subject if self.names_subject and stands_in(content) else None,
            spaced=has_spaces(content) if spaced is None else spaced,
            tokens_only=tokens_only,
        )

    def setup(self) -> None:
        """Set fonts and background before anything is drawn."""
        use_bundled_fonts()
        camera = self.camera
        assert isinstance(camera, Camera)  # these scenes are drawn with Cairo
        camera.background_color = ManimColor(self.style.palette.background)
        if not self.style.opaque:
            # Cairo's colours are multiplied by alpha: where nothing is painted all four are zero
            camera.background_color = ManimColor("#000000")
            camera.background_opacity = 0.0
        self.beats: list[Beat] = []
        self.moves: list[Move] = []

    def construct(self) -> None:
        """Show the picture for one frame."""
        self.add(*self.compose())
        self._see()
        self.rest(0)

    def _see(self) -> None:
        """Note where the values stand in the still."""
        self.boxes = boxes(self.mobjects, self.content, self.style.frame.units)

    def rest(self, seconds: float) -> None:
        """Show the stage without movement for ``seconds``, in whole frames, at least one."""
        self.moves.append(Move("rest", round(self.time, 3), seconds))
        frames = max(1, round(seconds * config.frame_rate))
        # Manim truncates duration x rate: half a frame more keeps the count
        self.wait((frames + 0.5) / config.frame_rate)


def unwind(*steps: Mobject | Animation) -> Animation:
    """The story runs back: of these steps, in the order of the story, the last goes first.

    A mobject fades out; an animation is played as it is.
    """
    # one after the other: where all fade together every pixel changes in each frame, which costs many bytes
    backwards = [step if isinstance(step, Animation) else FadeOut(step) for step in reversed(steps)]
    return AnimationGroup(*backwards, lag_ratio=0.7, rate_func=linear)


@dataclass(frozen=True)
class _Look:
    """What a part of the picture looks like: what moved and came back is a hair beside its place."""

    part: Mobject
    parts: list[Mobject]
    arrays: dict[str, Any]

    @classmethod
    def of(cls, part: Mobject) -> Self:
        arrays = ("points", "fill_rgbas", "stroke_rgbas") if isinstance(part, VMobject) else ("points",)
        return cls(part, [*part.submobjects], {name: getattr(part, name).copy() for name in arrays})

    def restore(self) -> None:
        """Give the part its look back."""
        self.part.submobjects = [*self.parts]
        for name, array in self.arrays.items():
            setattr(self.part, name, array)


class LoopScene(FigureScene):
    """A loop: a picture, and in ``story`` how it comes about.

    Frame 0 and the last frame are the same finished picture, so the seam is invisible and the still is
    the whole idea.
    """

    def question(self) -> Sequence[Mobject]:
        """Return the parts that stay when the picture clears."""
        raise NotImplementedError

    def clearing(self, picture: Group) -> list[Animation]:
        """Return the animations that clear the picture: all but the question goes, the last part first."""
        kept = self.question()
        return [unwind(*(part for part in picture if part not in kept))]

    def story(self) -> None:
        """Animate the way from the question back to the finished picture, beat by beat."""
        raise NotImplementedError

    def construct(self) -> None:
        """Show the answer, clear to the question, play the story, hold the answer."""
        pace = self.style.pace
        picture = self.compose()
        looks = [_Look.of(part) for part in picture.get_family()]
        self.add(*picture)
        self._see()
        self.rest(pace.first_frame)
        with self.beat("clear"):
            self.move(*self.clearing(picture), seconds=pace.clear)
        self.story()
        # whatever the story left on stage gives way to the very picture the loop began with
        self.clear()
        for look in looks:
            look.restore()
        self.add(*picture)
        with self.beat("answer"):
            self.rest(max(pace.hold, pace.shortest - self.time))

    @contextmanager
    def beat(self, name: str) -> Iterator[None]:
        """Record when the block's animations run, as the beat of this name."""
        start = self.time
        yield
        self.beats.append(Beat(name, round(start, 3), round(self.time, 3)))

    def move(self, *animations: Animation, seconds: float, **options: Any) -> None:
        """Play the animations together, in ``seconds``."""
        self.moves.append(Move("move", round(self.time, 3), seconds))
        self.play(*animations, run_time=seconds, **options)

    def lift(self, *chips: VMobject) -> tuple[VGroup, VGroup]:
        """Put pale outlines in the chips' places; return copies of the chips, to fly, and the outlines."""
        flying = VGroup(*(chip.copy() for chip in chips))
        left = VGroup(*(pale(chip, self.style) for chip in chips))
        self.remove(*chips)
        self.add(left, flying)
        return flying, left

    def stream(self, count: int, first: float, budget: float, least: float = 0.12) -> list[tuple[int, float]]:
        """Pace a run of ``count`` tokens: the first two at ``first`` seconds each, the rest faster.

        Returns (how many tokens, seconds) per move; the rest share ``budget`` seconds, at least ``least``
        a move, and where they are too many for that several arrive in one move.
        """
        slow = [(1, first)] * min(count, 2)
        rest = count - len(slow)
        if rest <= 0:
            return slow
        moves = min(rest, max(1, int(budget / least)))
        each = min(first, max(least, budget / moves))
        sizes = [rest // moves + (1 if i < rest % moves else 0) for i in range(moves)]
        return slow + [(size, each) for size in sizes]
