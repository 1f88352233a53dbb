"""What is to be recorded. Needs no torch, so a mistake is found before a model is loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass

from model_trace.schema import LONGEST_TEXT
from model_trace.trace import Pair, TraceError

# The first is the default: what is recorded in it is what the weights say, bit for bit on a CPU.
DTYPES = ("float32", "bfloat16", "float16")
# Logits divided by a temperature beyond these are no float32 any more, or all the same.
COLDEST, HOTTEST = 1e-6, 1e6
# What a picture of temperatures compares: the model's own distribution, a safer and a wilder one.
TEMPERATURES = (1.0, 0.3, 1.5)
DEVICE = re.compile(r"cpu|mps|cuda(:\d+)?")


@dataclass(frozen=True)
class ModelChoice:
    """A model and how it is run; see ``checkpoints.load``. None is each one's default."""

    source: str | None = None
    device: str | None = None
    dtype: str | None = None

    def check(self) -> None:
        """Refuse a device or type that none can be called.

        Raises:
            TraceError: naming what there is.
        """
        if self.device is not None and not DEVICE.fullmatch(self.device):
            raise TraceError(f"there is no device {self.device!r}: choose cpu, cuda, cuda:0 or mps")
        if self.dtype is not None and self.dtype not in DTYPES:
            raise TraceError(f"a model cannot compute in {self.dtype!r}: choose {', '.join(DTYPES)}")


@dataclass(frozen=True)
class Request:
    """A text to run through a model, and how its continuation is chosen; see ``generation.record``.

    ``chat``: the prompt goes in the model's own chat template. ``also``: tensors to record beside those that
    are recorded of any text.
    """

    prompt: str
    completion: str | None = None
    model: ModelChoice = ModelChoice()
    max_new_tokens: int | None = None
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    chat: bool = False
    also: tuple[str, ...] = ()

    def check(self) -> None:
        """Refuse what no model could be asked.

        Raises:
            TraceError: naming the choice and what it may be.
        """
        if not self.prompt.strip():
            raise TraceError("the prompt is empty: type some text")
        check_text(self.prompt, "prompt")
        check_text(self.completion or "", "completion")
        if self.completion == "":
            raise TraceError("the completion is empty; leave it out to let the model write")
        if self.temperature != 0 and not COLDEST <= self.temperature <= HOTTEST:
            raise TraceError(
                f"{self.temperature:g} is not a temperature: type 0 for the most probable token, or "
                f"{COLDEST:g} to {HOTTEST:g} to sample"
            )
        if not 0 < self.top_p <= 1:
            raise TraceError(f"{self.top_p} is not a top-p: type a number above 0, at most 1")
        if self.max_new_tokens is not None and self.max_new_tokens < 1:
            raise TraceError(f"{self.max_new_tokens} new tokens cannot be written: type at least 1")
        check_seed(self.seed)
        self.model.check()


@dataclass(frozen=True)
class TrainingRequest:
    """An untrained twin to train on what a prompt asks; see ``training.record_training``.

    The example is the prompt's last tokens and the first one of what follows: ``completion`` where that is
    given, else the tokens whose ids are ``written``. ``chat`` says that the prompt was in the model's chat
    template when these were written.
    """

    prompt: str
    model: ModelChoice = ModelChoice()
    seed: int = 0
    completion: str | None = None
    written: tuple[int, ...] = ()
    chat: bool = False

    def check(self) -> None:
        """Refuse what no model could be trained on.

        Raises:
            TraceError: an input cannot be used.
        """
        if not self.prompt.strip():
            raise TraceError("the text to train on is empty: type some text")
        check_text(self.prompt, "text to train on")
        check_text(self.completion or "", "text to train on")
        check_seed(self.seed)
        self.model.check()


@dataclass(frozen=True)
class FineTuningRequest:
    """A model to fine-tune on pairs (``pairs.read_pairs``); see ``fine_tuning.record_fine_tuning``."""

    pairs: tuple[Pair, ...]
    model: ModelChoice = ModelChoice()
    seed: int = 0

    def check(self) -> None:
        """Refuse a seed that is none and pairs that no trace could hold.

        The pairs' form was checked when they were read.

        Raises:
            TraceError: an input cannot be used.
        """
        for pair in self.pairs:
            if max(len(pair.english), len(pair.french)) > LONGEST_TEXT:
                raise TraceError(
                    f"the pair {pair.english[:20]!r}… is longer than {LONGEST_TEXT} characters: shorten it"
                )
        check_seed(self.seed)
        self.model.check()


@dataclass(frozen=True)
class TemperaturesRequest:
    """A prompt to go on with at several temperatures; see ``temperatures.record_temperatures``."""

    prompt: str
    model: ModelChoice = ModelChoice()
    seed: int = 0
    chat: bool = False
    temperatures: tuple[float, ...] = TEMPERATURES

    def check(self) -> None:
        """Refuse what no model could be asked.

        Raises:
            TraceError: an input cannot be used.
        """
        for temperature in self.temperatures:
            if temperature == 0:
                raise TraceError("at a temperature of 0 nothing is drawn: type a number above it")
            Request(self.prompt, temperature=temperature, seed=self.seed, model=self.model).check()


AnyRequest = Request | TrainingRequest | FineTuningRequest | TemperaturesRequest


def check_text(text: str, name: str) -> None:
    """Refuse halves of characters, as which Python keeps bytes of a command line that are no UTF-8.

    Raises:
        TraceError: naming the text and the place.
    """
    half = next((place for place, letter in enumerate(text) if "\ud800" <= letter <= "\udfff"), None)
    if half is not None:
        raise TraceError(
            f"the {name} is not Unicode text: character {half + 1} is not valid, save it as UTF-8"
        )


def check_seed(seed: int) -> None:
    """Refuse a seed that torch's generators cannot take.

    Raises:
        TraceError: it is no 64-bit integer.
    """
    if not -(2**63) <= seed < 2**64:
        raise TraceError(f"{seed} is not a seed: type a whole number of at most 64 bits")
