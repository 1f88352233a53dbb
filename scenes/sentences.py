"""Sentences on the values of a picture: what each is, made from where it comes from. No Manim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from scenes import phrases
from scenes.display_token import DisplayToken
from scenes.traced_value import (
    LARGEST,
    LOGIT,
    MEAN,
    MEDIAN,
    NUMBER_OF,
    OTHERS,
    PLACE,
    RELATIVE_UPDATE,
    REST,
    TIMES_SMALLER,
    Fact,
    Recorded,
    Source,
    TracedValue,
)
from scenes.wording import Wording, message

# What stands in a tensor: a message, and what its index counts, axis by axis, from 1 on but for those in
# ``_FROM_0``. ``{token}`` is the token that the value is about.
_TENSORS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "tokens": (message("token {position} of the text"), ("position",)),
    "tokens.id": (message("number of {token} in the vocabulary"), ("position",)),
    "pieces": (message("token {id} of the vocabulary"), ("id",)),
    "model.layers": (message("layers of the recorded model"), ()),
    "model.d_model": (message("numbers in a vector of the recorded model"), ()),
    "model.vocabulary": (message("tokens that the recorded model knows"), ()),
    "model.context_window": (message("tokens that the recorded model can read at once"), ()),
    "model.parameters": (message("parameters of the recorded model"), ()),
    "generation/embed": (message("embedding of token {position}, {token}"), ("position", "cell")),
    "generation/resid_pre": (
        message("vector of token {position} before layer {layer}"),
        ("layer", "position", "cell"),
    ),
    "generation/resid_post": (
        message("vector of token {position} after layer {layer}"),
        ("layer", "position", "cell"),
    ),
    "generation/final_norm": (message("result vector of token {position}"), ("position",)),
    "generation/v": (
        message("values that token {position} lends in layer {layer}, key-value head {head}"),
        ("layer", "position", "head"),
    ),
    "generation/attn_pattern": (
        message("how much token {position} looks at token {key} in layer {layer}, head {head}"),
        ("layer", "head", "position", "key"),
    ),
    # its rows begin at the last token of the prompt, which the index does not tell
    "generation/attn_pattern_rows": (
        message("how much one token looks at token {key} in layer {layer}, head {head}"),
        ("layer", "head", "row", "key"),
    ),
    "generation/top_logits": (message("logit of {token} after token {position}"), ("position", "rank")),
    "generation/top_ids": (message("{rank} by probability after token {position}"), ("position", "rank")),
    "generation/top_probabilities": (
        message("probability of {token} after token {position}, {rank} of all tokens"),
        ("position", "rank"),
    ),
    "generation/next_probability": (
        message("probability of {token} after token {position}"),
        ("position",),
    ),
    "generation/next_rank": (message("place of {token} among all tokens"), ("position",)),
    "generation/lens_ids": (message("best guess if the model stopped after {layers}"), ("layers",)),
    "generation/lens_next_rank": (
        message("place of the answer if the model stopped after {layers}"),
        ("layers",),
    ),
    "training/top_ids": (message("{rank} by probability after {steps} of training"), ("steps", "rank")),
    "training/top_probabilities": (
        message("probability of {token} after {steps} of training, {rank} of all tokens"),
        ("steps", "rank"),
    ),
    "training/next_probability": (
        message("probability of the correct word, {token}, after {steps} of training"),
        ("steps",),
    ),
    "training/next_rank": (
        message("place of the correct word, {token}, after {steps} of training"),
        ("steps",),
    ),
    "training/loss": (message("error after {steps} of training"), ("steps",)),
    "training/block_before": (message("some weights of the untrained model"), ()),
    "training/block_after": (message("some weights after one training step"), ()),
    "training/block_change": (message("what one training step changes of some weights"), ()),
    "training/histogram_edges": (message("value at which an interval of weights begins or ends"), ("steps",)),
    "untrained/top_ids": (message("{rank} guess of the untrained model"), ("position", "rank")),
    "untrained/top_probabilities": (
        message("probability of {token} in the untrained model, {rank} of all tokens"),
        ("position", "rank"),
    ),
    "untrained/next_probability": (
        message("probability of the correct word, {token}, in the untrained model"),
        ("position",),
    ),
    "untrained/next_rank": (
        message("place of the correct word, {token}, in the untrained model"),
        ("position",),
    ),
    "untrained/weights": (message("weights of a matrix of the untrained model"), ()),
    "untrained/histograms": (message("how many weights of the untrained model lie in each interval"), ()),
    "trained/top_ids": (message("{rank} guess of the trained model"), ("position", "rank")),
    "trained/top_probabilities": (
        message("probability of {token} in the trained model, {rank} of all tokens"),
        ("position", "rank"),
    ),
    "trained/next_probability": (
        message("probability of the correct word, {token}, in the trained model"),
        ("position",),
    ),
    "trained/next_rank": (message("place of the correct word, {token}, in the trained model"), ("position",)),
    "trained/weights": (message("weights of a matrix of the trained model"), ()),
    "trained/histograms": (message("how many weights of the trained model lie in each interval"), ()),
    "fine_tuning/block_before": (message("some weights before the fine-tuning"), ()),
    "fine_tuning/block_change": (message("what the fine-tuning changed of some weights"), ()),
    "fine_tuning/block_after": (message("some weights after the fine-tuning"), ()),
    "fine_tuning/held_out_loss": (
        message("error on the unseen phrases after {steps} of fine-tuning"),
        ("steps",),
    ),
    "fine_tuning.pairs.english": (message("phrase {row} of the list, to learn from"), ("row",)),
    "fine_tuning.pairs.french": (message("translation of phrase {row} of the list, to learn from"), ("row",)),
    "fine_tuning.answers.english": (message("phrase that was not among those to learn from"), ()),
    "fine_tuning.answers.before": (message("answer before the fine-tuning"), ()),
    "fine_tuning.answers.after": (message("answer after the fine-tuning"), ()),
    "fine_tuning.answers.expected": (message("correct answer"), ()),
    "temperatures.temperatures": (message("temperature at which tokens are drawn"), ()),
    "temperatures/top_ids": (message("{rank} by probability at every temperature"), ("rank",)),
    "temperatures/top_probabilities": (
        message("probability of {token} at temperature {temperature}"),
        (),
    ),
    "temperatures/draw_number": (message("random number that draws the token"), ("row",)),
    "temperatures/draw_below": (message("probability of all tokens before the drawn one together"), ("row",)),
    "temperatures/draw_probability": (
        message("probability of {token} at temperature {temperature}, when it was drawn"),
        ("row",),
    ),
}
# Where the index names one of two rows.
_ROWS: Mapping[tuple[str, int], str] = {
    ("fine_tuning/right", 0): message("unseen phrases answered right before the fine-tuning"),
    ("fine_tuning/right", 1): message("unseen phrases answered right after the fine-tuning"),
}
# One number of a matrix of which there are several.
_CELLS: Mapping[str, str] = {
    "untrained/weights": message(
        "weight of the untrained model, in row {row}, column {column} of a part of a matrix"
    ),
    "trained/weights": message(
        "weight of the trained model, in row {row}, column {column} of a part of a matrix"
    ),
}
# Of a tensor as a whole.
_WHOLE: Mapping[str, str] = {
    "training/loss": message("error after each step of training"),
    "training/histogram_edges": message("values at which the intervals of weights begin and end"),
    "fine_tuning/held_out_loss": message("error on the unseen phrases after each step of fine-tuning"),
}
_FORMULAS: Mapping[str, str] = {
    RELATIVE_UPDATE: message(
        "how much each layer changes the vector of token {position}, in parts of its length"
    ),
    REST: message("probability of all other tokens together"),
    PLACE: message("place of {token} among all tokens"),
    TIMES_SMALLER: message("how many times the largest change fits into the largest weight"),
    MEAN: message("how much one token looks at each token, the mean of several heads"),
    LOGIT: message("logit of {token} after token {position}"),
    OTHERS: message("tokens that the recorded model knows besides those shown"),
}
_OF: Mapping[str, str] = {
    LARGEST: message("largest absolute value of {what}"),
    MEDIAN: message("median of the absolute values of {what}"),
}
_LARGEST: Mapping[str, str] = {
    "untrained/histograms": message("weights of the untrained model in the fullest interval"),
    "trained/histograms": message("weights of the trained model in the fullest interval"),
}
_NUMBERS: Mapping[str, str] = {
    "fine_tuning/loss": message("steps of the fine-tuning"),
    "fine_tuning/word_loss": message("unseen phrases that were asked"),
}
_FACTS: Mapping[str, str] = {
    "gpt3.layers": message("layers of GPT-3"),
    "gpt3.width": message("numbers in a vector of GPT-3"),
    "gpt3.context_window": message("tokens that GPT-3 can read at once"),
    "gpt3.parameters": message("parameters of GPT-3"),
    "gpt3.parameters_per_layer": message("parameters in a layer of GPT-3"),
    "gpt3.training_tokens": message("tokens that GPT-3 was trained on"),
    "gpt3.gpu_years": message("years that GPT-3’s training would take on one graphics card"),
    "gpt3.dollars": message("estimated cost of GPT-3’s training"),
}
_ANY = message("{tensor} of the recording")  # of a loop that was added
_FROM_0 = ("layers", "steps", "id")


About = Mapping[str, TracedValue]


def sentences(content: Any, w: Wording) -> Mapping[str, str]:
    """Return what each value of a picture's content is, in a sentence, by its path."""
    return {path: sentence(shown, w, about) for path, shown, about in _about(content, "", {})}


def sentence(shown: TracedValue, w: Wording, about: About | None = None) -> str:
    """Return what a value is, in a sentence: as it is printed, and what stands there in the recording.

    ``about`` are the ``token`` and the ``temperature`` that it is about, where they are known.
    """
    what = _what(shown.origin, w, about or {})
    if shown.form in ("text", "bytes"):
        return w("{value}: {what}", value=phrases.token(shown, w), what=what)
    printed = w.printed(shown.value, shown.form)
    return what if printed is None else w("{value}: {what}", value=printed, what=what)


def _what(origin: Recorded | Fact, w: Wording, about: About) -> str:
    if isinstance(origin, Fact):
        known = _FACTS.get(origin.name)
        return w("{what}, as published", what=w(known) if known else origin.name)
    first, formula = origin.sources[0], origin.formula
    if formula == NUMBER_OF and first.tensor in _NUMBERS:
        return w(_NUMBERS[first.tensor])
    if formula == LARGEST and first.tensor in _LARGEST:
        return w(_LARGEST[first.tensor])
    if formula in _OF:
        return w(_OF[formula], what=_what(Recorded(origin.sources[:1]), w, about))
    if first.index and (row := _ROWS.get((first.tensor, _number(first.index[0])))):
        return w(row)
    if len(first.index) == 3 and first.tensor in _CELLS:
        return w(_CELLS[first.tensor], **_places(first, ("matrix", "row", "column"), w))
    if not first.index and first.tensor in _WHOLE:
        return w(_WHOLE[first.tensor])
    text, axes = _TENSORS.get(first.tensor, (_ANY, ()))
    words = {"tensor": first.tensor, **_named(about, w), **_places(first, axes, w)}
    what = w(_FORMULAS.get(formula, text), **words)
    # one number of a vector
    return w("number {cell} of the {what}", cell=words["cell"], what=what) if "cell" in words else what


def _named(about: About, w: Wording) -> dict[str, str]:
    """The token and the temperature in words."""
    token, temperature = about.get("token"), about.get("temperature")
    return {
        "token": phrases.token(token, w) if token else w("a token"),
        "temperature": w.decimal(temperature.number) if temperature else "?",
    }


def _places(source: Source, axes: tuple[str, ...], w: Wording) -> dict[str, str]:
    """What the index counts, in words; a list of places in a vector is no number of it."""
    found: dict[str, str] = {}
    for axis, place in zip(axes, source.index, strict=False):
        if axis == "cell" and not isinstance(place, int):
            continue
        number = _number(place) + (axis not in _FROM_0)
        match axis:
            case "rank":
                found[axis] = w.ordinal(number)
            case "steps":
                found[axis] = w.plural("{count} step", "{count} steps", number)
            case "layers":
                found[axis] = w.plural("{count} layer", "{count} layers", number)
            case _:
                found[axis] = w.integer(number)
    return found


def _number(place: int | tuple[int, ...]) -> int:
    return place if isinstance(place, int) else place[0] if place else 0


def _about(content: Any, path: str, about: About) -> Iterator[tuple[str, TracedValue, About]]:
    """Each value of the content with its path and what it is about."""
    if isinstance(content, TracedValue):
        yield path, content, about
    elif isinstance(content, tuple):
        for place, item in enumerate(content):
            yield from _about(item, f"{path}[{place}]", about)
    elif is_dataclass(content):
        token = getattr(content, "token", None) or getattr(content, "shown", None)
        token = token.shown if isinstance(token, DisplayToken) else token
        own = {"token": token, "temperature": getattr(content, "temperature", None)}
        about = {**about, **{name: value for name, value in own.items() if isinstance(value, TracedValue)}}
        for field in fields(content):
            yield from _about(getattr(content, field.name), f"{path}.{field.name}".lstrip("."), about)
