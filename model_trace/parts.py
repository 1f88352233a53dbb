"""What a trace can be a recording of: a generation, a training run, a fine-tuning; and their tokens.

Import these from ``model_trace.trace``. Needs the standard library alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["prompt", "given", "generated", "special", "template"]
Mode = Literal["greedy", "sampled", "given"]
Use = Literal["training", "validation", "held out"]


@dataclass(frozen=True)
class Token:
    """One token of the text.

    ``bytes`` are those that the vocabulary has for it; ``text`` is their decoding, with U+FFFD where a
    character is split between tokens. ``special`` marks what the tokenizer adds by itself and the model's
    end-of-text token, ``template`` what a chat template puts around the prompt. ``surface`` is the stretch
    of the text that the token stands for, with whatever the tokenizer dropped or changed there: those of
    all ``prompt`` tokens joined are the prompt as it was given, those of the others its continuation as it
    was given or as the tokenizer decodes it. It is None where it was not recorded (schema 2).
    """

    id: int
    text: str
    bytes: bytes
    role: Role
    surface: str | None = None


@dataclass(frozen=True)
class Generation:
    """How the text came about.

    ``prompt`` is the user's text as it was given; the model was given it raw or, with ``chat``, in its own
    chat template. ``completion`` is the given continuation, or None where the model wrote its own.
    ``temperature`` 0 means greedy; ``temperature``, ``top_p`` and ``seed`` are 0, 1 and 0 where no token was
    drawn. ``passed_over`` is the id of the end-of-text token that would have come first, in whose stead the
    runner-up was taken, if there was one.
    """

    prompt: str
    completion: str | None
    mode: Mode
    temperature: float
    top_p: float
    seed: int
    max_new_tokens: int | None
    stopped: Literal["end of sentence", "end of text", "length", "given"]
    chat: bool = False
    passed_over: int | None = None


@dataclass(frozen=True)
class Optimiser:
    """How weights are changed: ``SGD`` (W' = W - rate * gradient) or ``AdamW`` (Loshchilov and Hutter 2019).

    ``betas``, ``epsilon`` and ``weight_decay`` are AdamW's.
    """

    name: Literal["SGD", "AdamW"]
    learning_rate: float
    betas: tuple[float, ...] = ()
    epsilon: float = 0.0
    weight_decay: float = 0.0


@dataclass(frozen=True)
class Trial:
    """One rate that a search tried, and the loss (nats) it led to: None where that is not finite.

    ``relative_update``: the size of all changes over the size of all weights; ``steps``: after how many;
    both where the search is about that.
    """

    learning_rate: float
    loss: float | None
    relative_update: float | None = None
    steps: int | None = None


@dataclass(frozen=True)
class Search:
    """How an optimiser's rate was chosen: the rule, fixed beforehand, and all that was tried."""

    rule: str
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Block:
    """A block of one parameter's matrix ``shape``: ``size`` rows and columns from ``offset`` on.

    A parameter of more than two axes is taken as a matrix of its last one.
    """

    parameter: str
    shape: tuple[int, ...]
    offset: tuple[int, ...]
    size: tuple[int, ...]


@dataclass(frozen=True)
class TrainingRun:
    """Steps of training of an untrained twin, all on one example; see ``Trace`` for its tensors.

    ``text`` is ``prompt`` and what follows it: a given ``completion``, or what the model wrote, the tokens
    with the ids ``written`` as the tokenizer decodes them (after the prompt in its chat template, if
    ``chat``). ``seed`` made the twin's parameters. The model is given ``features``, the prompt's last tokens
    (after the specials that the tokenizer puts before a text), and is to answer ``label``, the token after
    them. ``optimisers`` has one entry per step, ``searches`` how their rates were chosen. ``parameters``
    names the twin's parameters in the order of the tensors' axis ``P``. ``block`` is the block of a decoder
    layer's matrix that the first step changed most; ``first_layer`` are the blocks of layer 1's matrices in
    ``untrained/weights``.
    """

    text: str
    seed: int
    features: tuple[Token, ...]
    label: Token
    optimisers: tuple[Optimiser, ...]
    searches: tuple[Search, ...]
    parameters: tuple[str, ...]
    block: Block
    first_layer: tuple[Block, ...]
    prompt: str
    completion: str | None = None
    written: tuple[int, ...] = ()
    chat: bool = False


@dataclass(frozen=True)
class Pair:
    """A word and its translation. Those of ``validation`` chose the learning rate, then trained too."""

    english: str
    french: str
    use: Use


@dataclass(frozen=True)
class Answer:
    """What the model wrote for a held-out word before and after, greedily, up to the line's end."""

    english: str
    expected: str
    before: str
    after: str


@dataclass(frozen=True)
class FineTuning:
    """A fine-tuning of a copy of the model, English to French; see ``Trace`` for its tensors.

    ``prompt_format`` and ``answer_format`` say how a pair is written; the loss is the answer's alone.
    ``batches`` holds, per step, places in ``pairs``. ``answers`` are those of all held-out words, the
    first of them the probe, whose prompt and expected answer are the trace's ``tokens``. ``block``: the
    block of a decoder layer's matrix that changed most. ``parameters`` names the tensors' axis ``P``.
    """

    prompt_format: str
    answer_format: str
    seed: int
    pairs: tuple[Pair, ...]
    optimiser: Optimiser
    search: Search
    batches: tuple[tuple[int, ...], ...]
    answers: tuple[Answer, ...]
    parameters: tuple[str, ...]
    block: Block


@dataclass(frozen=True)
class Lane:
    """What was written at one temperature; an end of text that was drawn is its last token."""

    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Temperatures:
    """A prompt gone on with once at each temperature, by seeded draws; see ``Trace`` for its tensors.

    Each token is drawn through the cumulative distribution, laid from the most probable token on: the one
    in whose share a number from [0, 1) falls. Every lane's numbers come from a generator of its own with the
    same ``seed``, so the lanes' numbers are the same, step by step. ``lanes`` are in the order of
    ``temperatures``; the trace's ``tokens`` are the prompt's and those of the first lane.
    """

    prompt: str
    seed: int
    chat: bool
    temperatures: tuple[float, ...]
    max_new_tokens: int
    lanes: tuple[Lane, ...]

    def rows(self, lane: int) -> range:
        """The rows of the ``draw_`` tensors that are this lane's."""
        first = sum(len(each.tokens) for each in self.lanes[:lane])
        return range(first, first + len(self.lanes[lane].tokens))


Part = Generation | TrainingRun | FineTuning | Temperatures
