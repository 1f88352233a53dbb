"""Tiny random models of many families, with a tokenizer of their own, as folders on disk."""

from __future__ import annotations

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

CONFIGS: dict[str, dict[str, Any]] = {
    "gpt2": {**_SAME, "n_embd": 32, "n_layer": LAYERS, "n_head": 4, "n_positions": 64},
    "llama": _GROUPED,
    # A window shorter than the text, so that early tokens drop out of it.
    "mistral": {**_GROUPED, "sliding_window": 5},
    "qwen2": _GROUPED,
    "qwen3": {**_GROUPED, "head_dim": 16},
    "gpt_neox": _ROTARY,
    "opt": {
        **_SAME, "hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": 4, "ffn_dim": 48,
        "word_embed_proj_dim": 32, "max_position_embeddings": 64,
    },
    "phi": _ROTARY,
    "gemma2": {
        **_GROUPED, "head_dim": 16, "sliding_window": 5, "final_logit_softcapping": 0.05,
        "hidden_activation": "gelu_pytorch_tanh",
    },
    "mixtral": {**_GROUPED, "num_local_experts": 4, "num_experts_per_tok": 2},
    "bert": _ROTARY,
    "bloom": {**_SAME, "hidden_size": 32, "n_layer": LAYERS, "n_head": 4},
}  # fmt: skip

REQUIRED = ("gpt2", "llama", "mistral", "qwen2", "qwen3", "gpt_neox", "opt", "phi", "gemma2", "mixtral")


def byte_level_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE, as GPT-2's: any text, exactly."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator([TEXT], trainer)
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
    torch.manual_seed(7)
    config = AutoConfig.for_model(family, **{**CONFIGS[family], **changes})
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            # Large enough for the layers to matter, norms and biases included.
            weight.add_(torch.randn_like(weight) * 0.2)
    model.save_pretrained(folder)
    (tokenizer or byte_level_tokenizer()).save_pretrained(folder)
    return folder
