"""The loops and figures: content chosen from a trace, and the drawing of it.

``CATALOGUE`` is the one list that everything else goes by. It names its modules as text, so that asking
what there is loads neither Manim nor numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Needs = Literal["text", "code", "training", "fine-tuning"]


@dataclass(frozen=True)
class Entry:
    """One loop or figure: its number, the exact name of its files, the idea, and where its code is.

    The idea is a message of the catalogues, to be said in the reader's language.

    ``needs`` is what its trace must be a recording of: a text, a text that asks for code, the training of
    an untrained twin, or a fine-tuning. ``cost`` is what drawing it takes: CPU seconds at 1920x1080, once
    measured for the article's own text, to hand out first what takes longest.
    """

    number: str
    stem: str
    idea: str
    module: str
    scene: str
    needs: Needs = "text"
    cost: float = 1.0

    @property
    def is_figure(self) -> bool:
        """Whether it stands still."""
        return self.number.startswith("f")


CATALOGUE: tuple[Entry, ...] = (
    Entry(
        "01",
        "01-gpt3-language-model-overview",
        "A trained language model turns a prompt into text.",
        "scenes.s01_language_model_overview.scene",
        "LanguageModelOverview",
        cost=6.1,
    ),
    Entry(
        "02",
        "02-gpt3-training-language-model",
        "Training exposes an untrained model to a vast amount of text, once.",
        "scenes.s02_training_language_model.scene",
        "TrainingLanguageModel",
        needs="training",
        cost=6.5,
    ),
    Entry(
        "03",
        "03-gpt3-training-step-back-prop",
        "Predict, measure the error, update the parameters; again and again.",
        "scenes.s03_training_step.scene",
        "TrainingStep",
        needs="training",
        cost=5.6,
    ),
    Entry(
        "04",
        "04-gpt3-generate-tokens-output",
        "Output comes one token at a time; each is fed back.",
        "scenes.s04_generate_tokens_output.scene",
        "GenerateTokensOutput",
        cost=6.8,
    ),
    Entry(
        "05",
        "05-gpt3-generate-output-context-window",
        "Tracks side by side, one for each token: the context window.",
        "scenes.s05_context_window.scene",
        "ContextWindow",
        cost=4.6,
    ),
    Entry(
        "06",
        "06-gpt3-embedding",
        "Follow one track: word, vector, prediction, vector, word.",
        "scenes.s06_embedding.scene",
        "Embedding",
        cost=4.2,
    ),
    Entry(
        "07",
        "07-gpt3-processing-transformer-blocks",
        "The vector climbs a stack of decoder layers; that is the “deep”.",
        "scenes.s07_processing_transformer_blocks.scene",
        "ProcessingTransformerBlocks",
        cost=7.6,
    ),
    Entry(
        "08",
        "08-gpt3-tokens-transformer-blocks",
        "Every token flows through the whole stack; we listen only after the prompt.",
        "scenes.s08_tokens_transformer_blocks.scene",
        "TokensTransformerBlocks",
        cost=6.3,
    ),
    Entry(
        "09",
        "09-gpt3-generating-react-code-example",
        "Examples of descriptions and code in, React code out, token by token.",
        "scenes.s09_react_code.scene",
        "ReactCode",
        needs="code",
        cost=6.6,
    ),
    Entry(
        "10",
        "10-gpt3-fine-tuning",
        "Fine-tuning changes the weights to do one task better.",
        "scenes.s10_fine_tuning.scene",
        "FineTuning",
        needs="fine-tuning",
        cost=6.8,
    ),
    Entry(
        "f01",
        "gpt3-training-examples-sliding-window",
        "A window slides over a text, and each place gives a training example.",
        "scenes.f01_sliding_window.scene",
        "SlidingWindow",
    ),
    Entry(
        "f02",
        "gpt3-parameters-weights",
        "Training turns random values into appropriate ones.",
        "scenes.f02_parameters.scene",
        "ParametersFigure",
        needs="training",
    ),
)

LOOPS = tuple(entry for entry in CATALOGUE if not entry.is_figure)
