"""Find and load a causal language model: the embedded default, a local folder, or a hub id.

Importing this module imports neither torch nor transformers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from model_trace.errors import TraceError, first_line
from model_trace.models import embedded
from model_trace.models.card import card_of, check_config, check_files, check_weights, unloadable
from model_trace.models.digests import files_sha256
from model_trace.models.plausible import count_weights
from model_trace.models.quiet import quiet
from model_trace.models.sources import folder_of, is_folder, locate, weights_of
from model_trace.progress import Progress, silent
from model_trace.request import DTYPES, ModelChoice
from model_trace.resources import check_memory
from model_trace.trace import ModelCard

if TYPE_CHECKING:
    from model_trace.models.module_map import ModuleMap
    from model_trace.models.pieces import Pieces


class NoDeviceError(TraceError):
    """The device that was asked for is not on this machine."""


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
    def module_map(self) -> ModuleMap:
        """Where in this model each tensor is found; one probing forward, at first use.

        Raises:
            TraceError: the model does not predict from left to right.
        """
        from model_trace.models.module_map import probe

        return probe(self.model)

    @cached_property
    def pieces(self) -> Pieces:
        """The exact bytes of each token id."""
        from model_trace.models.pieces import Pieces

        return Pieces(self.tokenizer)


def load(
    source: str | None = None,
    *,
    device: str | None = None,
    dtype: str | None = None,
    progress: Progress = silent,
    cached_only: bool = False,
) -> Checkpoint:
    """Load a causal language model: None for the embedded default, else a local folder or a hub id.

    ``device`` is torch's name for it (default: a GPU where there is one, else "cpu"), ``dtype`` that of
    the computation (default "float32"). ``cached_only`` takes ``source`` for a hub id in the local cache: no
    folder is opened and nothing downloaded. Remote code is never run and pickled weights never read.

    Raises:
        TraceError: nothing loadable there; the message says what is missing or wrong.
    """
    ModelChoice(source, device, dtype).check()
    place = locate(source, progress, cached_only=cached_only)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where = _device(device)
    options: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    with quiet():
        check_config(place)
        if source is not None:
            files = weights_of(place.folder, source)
            check_files(files)
            needed = count_weights(files) * getattr(torch, dtype or DTYPES[0]).itemsize
            check_memory(needed, f"loading {source}", "take a smaller model, or --dtype bfloat16")
        try:
            tokenizer = AutoTokenizer.from_pretrained(place.folder, **options)
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                place.folder,
                use_safetensors=True,
                attn_implementation="eager",
                dtype=getattr(torch, dtype or DTYPES[0]),
                output_loading_info=True,
                **options,
            )
            model, report = loaded
        except Exception as error:
            # Whatever transformers throws: for the user it is all the same.
            raise unloadable(place, error) from error
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise TraceError(f"{place.source} has no tokenizer.json: save the model's fast tokenizer there")
    if source is not None:
        check_weights(model, set(report["missing_keys"]), place)
    try:
        model.to(where).eval()
    except (RuntimeError, NotImplementedError) as error:
        raise TraceError(
            f"{place.source} cannot move to {where} ({first_line(error)}): try --device cpu"
        ) from error
    return Checkpoint(model, tokenizer, card_of(place, model), source)


def identity(source: str | None = None, progress: Progress = silent) -> str:
    """Identify a model by a string that changes with its weights, without loading it.

    Digests of files are remembered (``digests.remembered_sha256``).

    The embedded default and local folders go by content, a hub id by its revision in the local cache,
    into which it is downloaded first.

    Raises:
        TraceError: the default model or the folder is missing, or the hub cannot be reached.
    """
    if source is None:
        embedded.check_present()
        return f"embedded:{embedded.GGUF_SHA256}-{embedded.CONVERSION}"
    folder = folder_of(source, progress)
    if is_folder(source):
        # its chat template is in a file of its own
        settings = [*folder.glob("*.json"), *folder.glob("*.jinja")]
        return f"folder:{files_sha256(sorted([*settings, *weights_of(folder, source)]))}"
    return f"hub:{source}@{folder.name}"


def _device(name: str | None) -> str:
    """The device to run on: the one that was asked for, else the machine's best."""
    import torch

    there = ["cpu"]
    there += [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    there += ["mps"] if torch.backends.mps.is_available() else []
    if name is None:
        return there[1] if len(there) > 1 else there[0]
    if name not in there and not (name == "cuda" and "cuda:0" in there):
        raise NoDeviceError(f"there is no device {name} here: choose {' or '.join(there)}")
    return name
