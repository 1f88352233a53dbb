"""Models from the hub, by their id. Imports no torch."""

from __future__ import annotations

from pathlib import Path

from model_trace.errors import TraceError
from model_trace.progress import Progress, silent

TIMEOUT_SECONDS = 5.0


def cached_snapshot(source: str) -> Path | None:
    """The folder of a hub id's files in the local cache, named by its revision; None where there is none.

    Raises:
        TraceError: no hub id looks like that.
    """
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(source, "config.json")
    except HFValidationError as error:
        raise TraceError(f"{source!r} is neither a folder nor a hub id: name one of them") from error
    return Path(config).parent if isinstance(config, str) else None


def download(source: str, progress: Progress = silent) -> Path:
    """The folder of a hub id's files, those of them downloaded that are not in the local cache yet.

    Raises:
        TraceError: not there, not for everyone, or no way to the hub.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    try:
        # Asked first and with a short timeout, so that being offline is known within seconds.
        HfApi().model_info(source, timeout=TIMEOUT_SECONDS)
        progress(f"downloading {source}")
        return Path(
            snapshot_download(
                source,
                allow_patterns=["*.json", "*.safetensors", "README.md"],
                etag_timeout=TIMEOUT_SECONDS,
            )
        )
    except GatedRepoError as error:
        raise TraceError(
            f"the hub has terms for {source}: accept them on its page and log in (hf auth login)"
        ) from error
    except RepositoryNotFoundError as error:
        raise TraceError(
            f"there is no folder {source!r}, nor a model of this name on the hub for you: check the name, "
            "or log in (hf auth login)"
        ) from error
    except Exception as error:
        # Whatever the network throws (several libraries' errors): for the user it is all the same.
        raise TraceError(
            f"{source} is not in the local cache, and the hub cannot be reached ({type(error).__name__}): "
            "go online, or name a local folder"
        ) from error
