"""What reading a trace gives: tensors read from disk when they are used, and tables of tokens."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

from model_trace.trace import Tensor


class TensorView(NDArrayOperatorsMixin):
    """A recorded tensor, or one layer of it: read from disk when it is indexed, or taken as an array.

    ``view[...]``, ``np.asarray(view)`` and arithmetic give numpy arrays of their own.
    """

    def __init__(self, name: str, tensor: Tensor, dims: Sequence[str], row: int | None = None) -> None:
        skip = 0 if row is None else 1
        self.name, self._tensor, self._row = name, tensor, row
        self.dims, self.shape = tuple(dims)[skip:], tuple(tensor.shape)[skip:]
        self.dtype, self.ndim = tensor.dtype, len(self.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"{self.name} is a single number, which has no length")
        return self.shape[0]

    def __getitem__(self, index: Any) -> Any:
        # a layer is taken first: beside an array, its number would move the axes
        return self._tensor[index] if self._row is None else np.asarray(self._tensor[self._row])[index]

    def __iter__(self) -> Iterator[Any]:
        return (self[place] for place in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        if copy is False:
            raise ValueError(f"{self.name} is read from disk, which makes a copy")
        return np.array(self[...], dtype=dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        arrays = [np.asarray(each) if isinstance(each, TensorView) else each for each in inputs]
        return getattr(ufunc, method)(*arrays, **options)

    def __repr__(self) -> str:
        return f"{self.name} {axes_and_sizes(self)} {self.dtype}"


class Candidate(NamedTuple):
    """A token that could have followed: the most probable one has rank 1."""

    rank: int
    probability: float
    token: str
    id: int


class TopTokens(tuple[Candidate, ...]):
    """The most probable tokens after a position; a table where it is shown."""

    after: str

    def __new__(cls, candidates: Sequence[Candidate], after: str) -> TopTokens:
        """Keep the candidates, and the words that say after what."""
        made = super().__new__(cls, candidates)
        made.after = after
        return made

    def __repr__(self) -> str:
        lines = [f"{each.rank:>3} {each.probability:>7.2%}  {each.token!r}" for each in self]
        return "\n".join([self.after, *lines])

    def _repr_html_(self) -> str:
        rows = (
            f"<tr><td>{each.rank}</td><td>{each.probability:.2%}</td>"
            f"<td><code>{html.escape(repr(each.token))}</code></td><td>{each.id}</td></tr>"
            for each in self
        )
        head = "".join(f"<th>{name}</th>" for name in ("rank", "probability", "token", "id"))
        return (
            f"<table><caption>{html.escape(self.after)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table>"
        )


def axes_and_sizes(view: TensorView) -> str:
    """The axes with their sizes: ``[layer 30, position 6, d_model 576]``."""
    return f"[{', '.join(f'{dim} {size}' for dim, size in zip(view.dims, view.shape, strict=True))}]"
