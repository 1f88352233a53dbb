"""The model card, and the checks that a model can be recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model_trace.errors import TraceError, first_line
from model_trace.models.digests import files_sha256
from model_trace.models.sources import ModelSource
from model_trace.trace import ModelCard


def check_config(place: ModelSource) -> None:
    """Raise an error if the model is no decoder with plain weights, before any are read.

    Raises:
        TraceError: saying what it is instead.
    """
    from transformers import AutoConfig
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    try:
        config = AutoConfig.from_pretrained(place.folder, trust_remote_code=False, local_files_only=True)
    except Exception as error:
        # Whatever transformers throws: for the user it is all the same.
        raise unloadable(place, error) from error
    kind = config.model_type
    if config.is_encoder_decoder:
        raise TraceError(f"{place.source} is an encoder-decoder ({kind}): name a decoder-only model")
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise TraceError(f"{place.source} ({kind}) is not a causal language model: name one that is")
    if not getattr(config.get_text_config(decoder=True), "num_attention_heads", None):
        raise TraceError(f"{place.source} ({kind}) has no attention heads: name a transformer")
    quantised = getattr(config, "quantization_config", None)
    if quantised is not None:
        method = quantised.get("quant_method") if isinstance(quantised, dict) else None
        raise TraceError(
            f"{place.source} holds quantised weights ({method or 'of some kind'}): take the model as it was "
            "before, in float32, float16 or bfloat16"
        )


def check_files(files: list[Path]) -> None:
    """Raise an error if a file of weights is cut off or is not safetensors.

    Raises:
        TraceError: naming the file.
    """
    from safetensors import SafetensorError, safe_open

    for file in files:
        try:
            with safe_open(file, "pt"):
                pass
        except (SafetensorError, OSError) as error:
            raise TraceError(f"{file} is damaged ({first_line(error)}): download it again") from error


def check_weights(model: Any, missing: set[str], place: ModelSource) -> None:
    """Raise an error if weights are missing, infinite or NaN.

    Raises:
        TraceError: naming the first such weights.
    """
    import torch

    if missing:
        raise TraceError(
            f"{place.source} lacks {len(missing)} of the model's weights "
            f"({sorted(missing)[0]}): download it again"
        )
    for name, weight in model.named_parameters():
        # A sum is NaN or infinite if any entry is, and needs no second tensor of the weights' size.
        if not torch.isfinite(weight.detach().sum(dtype=torch.float64)):
            raise TraceError(f"{place.source}: the weights {name} hold NaN or infinity: download it again")


def unloadable(place: ModelSource, error: Exception) -> TraceError:
    """An error of transformers while loading, as a TraceError."""
    line = first_line(error)
    if "trust_remote_code" in str(error):
        line = "it asks for code of its own (auto_map), which is never run"
    return TraceError(f"{place.source} cannot be loaded: {line}")


def card_of(place: ModelSource, model: Any) -> ModelCard:
    """The model's card, from its configuration and files."""
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
