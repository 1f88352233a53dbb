"""Published figures of GPT-3, each with its source. The only numbers on screen that no trace recorded."""

from __future__ import annotations

from scenes.shown import Fact, Shown

_BROWN = "Brown et al. 2020, Language Models are Few-Shot Learners, arXiv:2005.14165"

LAYERS = Shown(96, "integer", Fact("gpt3.layers", f"{_BROWN}, table 2.1"))
PARAMETERS = Shown(175_000_000_000, "billions", Fact("gpt3.parameters", f"{_BROWN}, table 2.1"))
WIDTH = Shown(12_288, "integer", Fact("gpt3.width", f"{_BROWN}, table 2.1"))
CONTEXT_WINDOW = Shown(2_048, "integer", Fact("gpt3.context_window", f"{_BROWN}, section 2.1"))
PARAMETERS_PER_LAYER = Shown(
    1_800_000_000,
    "billions",
    Fact(
        "gpt3.parameters_per_layer",
        f"{_BROWN}, table 2.1: 12 x 12288 x 12288 weights each; rounded as in Alammar 2020, How GPT3 Works",
    ),
)
