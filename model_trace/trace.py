"""What a recording is: the types that every other room reads. Needs numpy alone.

Positions. A text of ``T`` tokens takes ``T - 1`` forwards: the last token is never fed back. Row ``p``
of every tensor under ``generation/`` belongs to the forward of ``tokens[p]``, whose prediction is about
``tokens[p + 1]``. This holds for the prompt's tokens too: what the model would have said there is
recorded, even though nobody listens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from model_trace.errors import TraceError as TraceError
from model_trace.parts import Answer as Answer
from model_trace.parts import Block as Block
from model_trace.parts import FineTuning as FineTuning
from model_trace.parts import Generation as Generation
from model_trace.parts import Lane as Lane
from model_trace.parts import Mode as Mode
from model_trace.parts import Optimiser as Optimiser
from model_trace.parts import Pair as Pair
from model_trace.parts import Part as Part
from model_trace.parts import Role as Role
from model_trace.parts import Search as Search
from model_trace.parts import Temperatures as Temperatures
from model_trace.parts import Token as Token
from model_trace.parts import TrainingRun as TrainingRun
from model_trace.parts import Trial as Trial
from model_trace.parts import Use as Use

SCHEMA_VERSION = 3
OLDEST_SCHEMA = 2  # version 0.1 wrote it
LONGEST_SHOWN = 60  # characters of the text in a trace's repr


class Tensor(Protocol):
    """What a recorded tensor offers: a numpy array in memory, or a view that reads slices from disk."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    def __getitem__(self, index: Any, /) -> Any: ...


@dataclass(frozen=True)
class ModelCard:
    """Which model ran.

    ``label`` is how a picture names it ("SmolLM2-135M-Instruct, 4-bit weights"). ``weights_sha256`` is
    the digest of the weights as distributed, ``tokenizer_sha256`` that of tokenizer.json.
    """

    name: str
    label: str
    source: str
    revision: str
    licence: str
    weights_sha256: str
    tokenizer_sha256: str
    architecture: str
    layers: int
    heads: int
    key_value_heads: int
    d_model: int
    d_head: int
    d_mlp: int
    vocabulary: int
    context_window: int
    parameters: int
    dtype: str


P = TypeVar("P", Generation, TrainingRun, FineTuning, Temperatures)


@dataclass(frozen=True)
class Trace:
    """A recording: who ran, what happened (``parts``), on which tokens, and the tensors, by name.

    ``tensors`` under ``generation/`` (``L`` layers, ``F`` forwarded tokens, ``K`` kept candidates):

    - ``embed`` [F, d_model]; ``resid_pre``, ``resid_mid``, ``resid_post``, ``attn_out``, ``mlp_out``
      [L, F, d_model]; ``mlp_act`` [L, F, d_mlp]; ``final_norm`` [F, d_model]; ``logits`` [F, vocabulary]
    - ``q``, ``z`` [L, F, heads, d_head]; ``k``, ``v`` [L, F, key_value_heads, d_head]
    - ``attn_pattern`` [L, heads, F, F], row = the token that attends, column = the token attended to;
      or, of a long text, ``attn_pattern_rows`` [L, heads, R, F], the rows of it that ``attn_positions`` [R]
      names, from the last token of the prompt on
    - ``top_ids``, ``top_logits``, ``top_probabilities`` [F, K], most probable first;
      ``rest_probability`` [F], the mass of all other tokens; ``entropy`` [F] in nats;
      ``next_probability`` [F] and ``next_rank`` [F] (1 = most probable), of the token that really
      follows. All of these are of the model's own distribution at temperature 1; where a temperature
      or top-p was used to choose, ``choice_probability`` [F] is the chosen token's chance under it
      (NaN where nothing was drawn).
    - ``lens_ids``, ``lens_probabilities`` [L + 1, P, K]; ``lens_entropy``, ``lens_next_rank`` [L + 1, P]:
      the logit lens (nostalgebraist 2020): what the model would answer if it stopped at that depth.
      Depth 0 is the embedding, depth ``l`` follows layer ``l``, depth ``L`` is the model's own answer.
      ``lens_positions`` [P] says which forwards.

    Of a training run (``S`` steps, ``P`` parameters, ``N`` samples of each, ``M`` matrices of layer 1):

    - ``untrained/`` and ``trained/``: the twin's and the model's own distribution after the features, by
      the names above with one row (``next_*`` is the label's); ``weights`` [M, rows, columns], the same
      blocks of layer 1's matrices; ``histograms`` [M + 1, bins], counts of all weights of each matrix
      and, last, of all of them together; ``histogram_outside`` [M + 1, 2], counts below and above
    - ``training/histogram_edges`` [bins + 1], the same for both models
    - ``training/``: the distributions by the names above, row ``s`` after ``s`` steps [S + 1, ...];
      ``loss`` [S + 1] in nats; ``gradient_norm`` [S, P]
    - of the first step: ``sample_index``, ``sample_before``, ``sample_gradient``, ``sample_after`` [P, N];
      ``update_norm``, ``largest_change``, ``weight_deviation`` [P], the last before it; and of
      ``TrainingRun.block`` ``block_before``, ``block_gradient``, ``block_change``, ``block_after``
      [rows, columns]

    Of a fine-tuning (``H`` held-out words):

    - ``fine_tuning/``: the distributions at the probe's answer, row ``s`` after ``s`` steps (``next_*`` is
      the first token of the expected answer); ``held_out_loss`` [S + 1] and ``loss`` [S], nats per answer
      token, the latter of each step's batch before the step; ``word_loss`` [2, H], before and after;
      ``right`` [2], how many held-out words were answered exactly as expected then;
      ``gradient_norm`` [S, P]; ``update_norm``, ``largest_change``, ``weight_deviation`` [P], of all
      steps together; ``block_before``, ``block_change``, ``block_after`` [rows, columns]

    Of temperatures (``N`` temperatures, ``D`` draws, lane after lane: ``Temperatures.rows``):

    - ``temperatures/``: ``logits`` [vocabulary] at the prompt's last position, the same for all;
      ``top_ids``, ``top_logits`` [K] of them; and at each temperature ``top_probabilities`` [N, K],
      ``rest_probability``, ``entropy`` and ``log_sum_exp`` (of logits / temperature) [N]
    - of each draw ``draw_ids``, ``draw_probabilities`` [D, K], ``draw_rest`` [D] at its lane's temperature;
      ``draw_number`` [D], the number in [0, 1); ``draw_chosen``, ``draw_rank`` (1 = most probable) and
      ``draw_probability`` [D] of the token that it picked; ``draw_below`` [D], the mass of all tokens before
      that one

    ``unavailable`` names each tensor that was asked for and that this family cannot give, with the
    reason. ``pieces`` holds the exact bytes of every token id that occurs in the tensors.
    ``certificate`` says what was compared with the model run without recording, and the errors.
    """

    model: ModelCard
    parts: tuple[Part, ...]
    tokens: tuple[Token, ...]
    tensors: Mapping[str, Tensor]
    pieces: Mapping[int, bytes]
    unavailable: Mapping[str, str]
    certificate: Mapping[str, Any]
    provenance: Mapping[str, Any]
    digest: str = field(default="", compare=False)

    def __repr__(self) -> str:
        text = "".join(token.text for token in self.tokens if token.role not in ("special", "template"))
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
        return f"Trace(model={self.model.name!r}, text={shown!r}, tensors={len(self.tensors)})"

    def tensor(self, name: str) -> Tensor:
        """The recorded tensor ``name``.

        Raises:
            TraceError: it was not recorded; the message says why where that is known.
        """
        if name in self.tensors:
            return self.tensors[name]
        prefix, _, rest = name.partition("/")
        if not any(known.startswith(f"{prefix}/") for known in self.tensors):
            raise TraceError(f"the trace holds no tensor {name}: record the loops that need it")
        reason = self.unavailable.get(rest, "the recording's spec left it out")
        raise TraceError(f"the trace holds no tensor {name} ({reason}): record it with --everything")

    def values(self, name: str, index: Any = ()) -> npt.NDArray[Any]:
        """``tensor(name)[index]`` as an array (float16 widened to float32).

        Raises:
            TraceError: it was not recorded, or not as far as that.
        """
        tensor = self.tensor(name)
        try:
            values = np.asarray(tensor[index])
        except IndexError as error:
            raise TraceError(
                f"the trace's {name} is {list(tensor.shape)}, too small for this: record it again"
            ) from error
        return values.astype(np.float32) if values.dtype == np.float16 else values

    @property
    def generation(self) -> Generation:
        """How the text came about. Raises TraceError where the trace records something else."""
        return self._part(Generation, "generation")

    @property
    def training(self) -> TrainingRun:
        """The untrained twin's training. Raises TraceError where the trace records something else."""
        return self._part(TrainingRun, "training")

    @property
    def fine_tuning(self) -> FineTuning:
        """The fine-tuning. Raises TraceError where the trace records something else."""
        return self._part(FineTuning, "fine-tuning")

    @property
    def temperatures(self) -> Temperatures:
        """The temperatures. Raises TraceError where the trace records something else."""
        return self._part(Temperatures, "temperatures")

    def _part(self, kind: type[P], name: str) -> P:
        for part in self.parts:
            if isinstance(part, kind):
                return part
        raise TraceError(f"the trace holds no {name}: record one, or draw other loops")

    @property
    def kept_layers(self) -> int:
        """How many of the model's layers the recording keeps, in tensors with an axis of layers."""
        spec = self.provenance.get("spec")
        layers = spec.get("layers") if isinstance(spec, Mapping) else None
        return self.model.layers if layers is None else len(layers)

    @property
    def prompt_length(self) -> int:
        """How many leading tokens are the prompt, with the specials the tokenizer puts before it."""
        written = [i for i, token in enumerate(self.tokens) if token.role in ("given", "generated")]
        if written:
            return written[0]
        prompt = [i for i, token in enumerate(self.tokens) if token.role == "prompt"]
        return prompt[-1] + 1 if prompt else len(self.tokens)
