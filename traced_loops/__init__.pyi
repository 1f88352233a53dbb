from model_trace.reading import SavedTrace as Trace
from model_trace.trace import TraceError as TraceError
from traced_loops.drawn_loop import Loop as Loop
from traced_loops.drawn_loop import Value as Value
from traced_loops.library import batch as batch
from traced_loops.library import draw as draw
from traced_loops.library import open_trace as open_trace
from traced_loops.library import page as page
from traced_loops.library import record as record
from traced_loops.library import verify as verify

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
