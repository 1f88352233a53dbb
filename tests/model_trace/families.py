"""Tiny random models of many families, with a tokenizer of their own, as folders on disk."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

VOCABULARY = 300
LAYERS = 3
TEXT = "The quick brown fox jumps over the lazy dog. Ünïcode and numbers 123 too, over and over again."

_SAME: dict[str, Any] = {"vocab_size": VOCABULARY, "bos_token_id": None, "eos_token_id": 0, "pad_token_id": 0}
_ROTARY: dict[str, Any] = {
    **_SAME, "hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": 4,
    "intermediate_size": 48, "max_position_embeddings": 64,
}  # fmt: skip
_GROUPED: dict[str, Any] = {**_ROTARY, "num_key_value_heads": 2}
_OLDER: dict[str, Any] = {**_SAME, "n_embd": 32, "n_layer": LAYERS, "n_head": 4, "n_positions": 64}
_EXPERTS: dict[str, Any] = {**_GROUPED, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
# A window shorter than the texts, so that early tokens drop out of it.
_WINDOW: dict[str, Any] = {**_GROUPED, "sliding_window": 5}

CONFIGS: dict[str, dict[str, Any]] = {
    # learned positions; one layer's weights as Conv1D; head tied to the embedding
    "gpt2": _OLDER,
    "gpt_bigcode": {**_OLDER, "multi_query": True},
    "opt": {
        **_SAME, "hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": 4, "ffn_dim": 48,
        "word_embed_proj_dim": 32, "max_position_embeddings": 64,
    },
    "biogpt": _ROTARY,
    # rotary positions, grouped keys and values
    "llama": _GROUPED,
    "mistral": _WINDOW,
    "qwen2": _GROUPED,
    "qwen3": {**_GROUPED, "head_dim": 16},
    "starcoder2": _WINDOW,
    "smollm3": _GROUPED,
    "phi3": {**_GROUPED, "rope_scaling": None},
    "olmo2": _GROUPED,
    "granite": {**_GROUPED, "residual_multiplier": 0.5, "logits_scaling": 4.0},
    "gemma": {**_GROUPED, "head_dim": 16},
    "gemma2": {
        **_WINDOW, "head_dim": 16, "final_logit_softcapping": 0.05, "hidden_activation": "gelu_pytorch_tanh",
    },
    "gemma3_text": {**_WINDOW, "head_dim": 16},
    # attention and MLP side by side
    "gpt_neox": _ROTARY,
    "phi": _ROTARY,
    "stablelm": {**_GROUPED, "use_parallel_residual": True},
    "cohere": {**_GROUPED, "logit_scale": 0.25},
    # experts
    "mixtral": {**_GROUPED, "num_local_experts": 4, "num_experts_per_tok": 2},
    "qwen2_moe": {**_EXPERTS, "num_experts": 4, "shared_expert_intermediate_size": 16},
    "gpt_oss": {**_WINDOW, "head_dim": 8, "num_local_experts": 4, "num_experts_per_tok": 2},
    "deepseek_v3": {
        **_EXPERTS, "num_key_value_heads": 4, "n_routed_experts": 4, "n_group": 1, "topk_group": 1,
        "first_k_dense_replace": 1, "q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8,
        "qk_nope_head_dim": 8, "v_head_dim": 12,
    },
    # outside the attention interface; ALiBi in bloom and mpt
    "bloom": {**_SAME, "hidden_size": 32, "n_layer": LAYERS, "n_head": 4},
    "mpt": {**_SAME, "d_model": 32, "n_layers": LAYERS, "n_heads": 4, "max_seq_len": 64},
    "gptj": {**_OLDER, "rotary_dim": 4},
    "codegen": {**_OLDER, "rotary_dim": 4},
    "falcon": {**_SAME, "hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": 4},
    "gpt_neo": {
        **_SAME, "hidden_size": 32, "num_layers": 4, "num_heads": 4, "window_size": 5,
        "attention_types": [[["global", "local"], 2]], "max_position_embeddings": 64,
    },
    # layers without attention between others
    "qwen3_next": {
        **_EXPERTS, "num_experts": 4, "shared_expert_intermediate_size": 16, "head_dim": 8,
        "layer_types": ["linear_attention", "full_attention", "linear_attention"],
        "linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 8,
        "linear_value_head_dim": 8,
    },
    # a norm after the stream rather than before it: nothing leads from the stream to the head by itself
    "bart": {
        **_SAME, "d_model": 32, "decoder_layers": LAYERS, "decoder_attention_heads": 4, "decoder_ffn_dim": 48,
        "encoder_layers": LAYERS, "encoder_attention_heads": 4,
        "is_decoder": True, "is_encoder_decoder": False, "max_position_embeddings": 64,
    },
    # no decoder
    "bert": _ROTARY,
}  # fmt: skip

DECODERS = tuple(family for family in CONFIGS if family != "bert")

# Sizes by all the names that families have for them.
_SMALL: dict[str, Any] = {
    **_SAME, **dict.fromkeys(("hidden_size", "n_embd", "d_model", "word_embed_proj_dim"), 32),
    **dict.fromkeys(("n_layer", "n_layers", "num_layers", "num_hidden_layers", "decoder_layers"), LAYERS),
    **dict.fromkeys(("n_head", "n_heads", "num_heads", "num_attention_heads", "num_key_value_heads"), 4),
    **dict.fromkeys(("intermediate_size", "ffn_dim", "n_inner", "decoder_ffn_dim"), 48),
    **dict.fromkeys(("max_position_embeddings", "n_positions", "max_seq_len", "n_ctx"), 64),
    **dict.fromkeys(("num_local_experts", "num_experts", "n_routed_experts", "decoder_attention_heads"), 4),
    **dict.fromkeys(("q_lora_rank", "kv_lora_rank", "moe_intermediate_size"), 16),
    **dict.fromkeys(("head_dim", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim"), 8),
    **dict.fromkeys(("n_group", "topk_group", "first_k_dense_replace"), 1),
    "num_experts_per_tok": 2, "shared_expert_intermediate_size": 16, "rotary_dim": 4, "sliding_window": 5,
    "is_decoder": True,
}  # fmt: skip


def small_config(family: str) -> Any:
    """A family's default configuration with all sizes that it has made small, as far as they are known."""
    config = AutoConfig.for_model(family)
    for part in {id(each): each for each in (config, config.get_text_config(decoder=True))}.values():
        for name, value in _SMALL.items():
            if getattr(part, name, None) is not None or (name.endswith("token_id") and hasattr(part, name)):
                with contextlib.suppress(Exception):
                    setattr(part, name, value)
        kinds = list(dict.fromkeys(getattr(part, "layer_types", None) or ()))
        if kinds:
            with contextlib.suppress(Exception):
                part.layer_types = [kinds[0], kinds[-1], kinds[0]]
    return config


def byte_level_tokenizer(
    texts: Iterable[str] = (TEXT,), vocabulary: int = VOCABULARY
) -> PreTrainedTokenizerFast:
    """A byte-level BPE, as GPT-2's, learnt from ``texts``: any text, exactly."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|end|>")


def sentencepiece_tokenizer() -> PreTrainedTokenizerFast:
    """SentencePiece's way, as Llama 2's: a mark for spaces, bytes for the rest, a leading space, a BOS."""
    from tokenizers import normalizers, processors

    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pieces += ["▁", *"Thequickbrownfxjmpsvlazydg.,"]
    vocabulary = {piece: id for id, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(
        models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    backend.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    backend.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )


def save_model(folder: Path, family: str, tokenizer: Any = None, **changes: Any) -> Path:
    """A tiny model of the family in ``folder``, the same each time."""
    return save_config(folder, AutoConfig.for_model(family, **{**CONFIGS[family], **changes}), tokenizer)


def save_config(folder: Path, config: Any, tokenizer: Any = None) -> Path:
    """A model of this configuration with random weights in ``folder``, the same each time."""
    torch.manual_seed(7)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            # Large enough for the layers to matter, norms and biases included.
            weight.add_(torch.randn_like(weight) * 0.2)
    model.save_pretrained(folder)
    (tokenizer or byte_level_tokenizer()).save_pretrained(folder)
    return folder
