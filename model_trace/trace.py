"""What a recording is: the types that every other room reads. Needs numpy alone.

Positions. A text of ``T`` tokens takes ``T - 1`` forwards: the last token is never fed back. Row ``p``
of every tensor under ``generation/`` belongs to the forward of ``tokens[p]``, whose prediction is about
``tokens[p + 1]``. This holds for the prompt's tokens too: what the model would have said there is
recorded, even though nobody listens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

SCHEMA_VERSION = 1

Role = Literal["prompt", "given", "generated", "special"]
Mode = Literal["greedy", "sampled", "given"]


class TraceError(ValueError):
    """A mistake the user can mend; the message is one line that says what is wrong and what to do."""


class Tensor(Protocol):
    """What a recorded tensor offers: a numpy array in memory, or a view that reads slices from disk."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    def __getitem__(self, index: Any, /) -> Any: ...


@dataclass(frozen=True)
class Token:
    """One token of the text.

    ``bytes`` is exact; ``text`` is its decoding, with U+FFFD where a character is split between tokens.
    ``special`` marks what the tokenizer adds by itself and the model's end-of-text token; leaving those
    out, the tokens' bytes joined are the prompt and its continuation.
    """

    id: int
    text: str
    bytes: bytes
    role: Role


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


@dataclass(frozen=True)
class Generation:
    """How the text came about.

    ``prompt`` is the text given to the model, raw. ``completion`` is the given continuation, or None
    where the model wrote its own. ``temperature`` 0 means greedy.
    """

    prompt: str
    completion: str | None
    mode: Mode
    temperature: float
    top_p: float
    seed: int
    max_new_tokens: int | None
    stopped: Literal["end of sentence", "end of text", "length", "given"]


@dataclass(frozen=True)
class Trace:
    """A recording: who ran, on which tokens, and the tensors, by name.

    ``tensors`` under ``generation/`` (``L`` layers, ``F`` forwarded tokens, ``K`` kept candidates):

    - ``embed`` [F, d_model]; ``resid_pre``, ``resid_mid``, ``resid_post``, ``attn_out``, ``mlp_out``
      [L, F, d_model]; ``mlp_act`` [L, F, d_mlp]; ``final_norm`` [F, d_model]; ``logits`` [F, vocabulary]
    - ``q``, ``z`` [L, F, heads, d_head]; ``k``, ``v`` [L, F, key_value_heads, d_head]
    - ``attn_pattern`` [L, heads, F, F], row = the token that attends, column = the token attended to
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

    ``unavailable`` names each tensor that was asked for and that this family cannot give, with the
    reason. ``pieces`` holds the exact bytes of every token id that occurs in the tensors.
    ``certificate`` says what was compared with the model run without recording, and the errors.
    """

    model: ModelCard
    generation: Generation
    tokens: tuple[Token, ...]
    tensors: Mapping[str, Tensor]
    pieces: Mapping[int, bytes]
    unavailable: Mapping[str, str]
    certificate: Mapping[str, Any]
    provenance: Mapping[str, Any]
    digest: str = field(default="", compare=False)

    def tensor(self, name: str) -> Tensor:
        """The recorded tensor ``name``.

        Raises:
            TraceError: it was not recorded; the message says why where that is known.
        """
        if name in self.tensors:
            return self.tensors[name]
        reason = self.unavailable.get(name.partition("/")[2], "the recording's spec left it out")
        raise TraceError(f"the trace holds no tensor {name}: {reason}")

    def values(self, name: str, index: Any = ()) -> npt.NDArray[Any]:
        """``tensor(name)[index]`` as an array (float16 widened to float32)."""
        values = np.asarray(self.tensor(name)[index])
        return values.astype(np.float32) if values.dtype == np.float16 else values

    @property
    def prompt_length(self) -> int:
        """How many leading tokens are the prompt, with the specials the tokenizer puts before it."""
        written = [i for i, token in enumerate(self.tokens) if token.role in ("given", "generated")]
        if written:
            return written[0]
        prompt = [i for i, token in enumerate(self.tokens) if token.role == "prompt"]
        return prompt[-1] + 1 if prompt else len(self.tokens)
