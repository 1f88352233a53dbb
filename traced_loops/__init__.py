"""Looping animations of how a language model works, drawn from a real model's recorded tensors.

    import traced_loops as tl

    trace = tl.record("The capital of France is")
    trace["resid_post"]                      # [layers, positions, d_model], read from disk when it is used
    loop = tl.draw(trace, "04")              # shows itself in a notebook
    loop.save("loops")
    tl.page("loops")

Importing this loads nothing but itself: the rest comes with the first name that is used.
"""

from traced_loops import import_check

import_check.check()

__all__ = [
    "Loop",
    "Trace",
    "TraceError",
    "Value",
    "batch",
    "draw",
    "open_trace",
    "page",
    "record",
    "verify",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}: use one of {', '.join(__all__)}"
        )
    # by name, so that what is drawn does not depend on the library's code (see ``code_digest``)
    import importlib

    return getattr(importlib.import_module(f"{__name__}.library"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
