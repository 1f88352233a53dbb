"""What is seen of a training's first step: samples of every parameter, and the block it changed most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from model_trace.learning.learner import norm, trainable
from model_trace.learning.weights import MostChanged, cut, deviation
from model_trace.trace import Block

SAMPLES = 16


class FirstStep:
    """Watches a step (``learning.Watch``): of each parameter ``SAMPLES`` weights, at places drawn by seed.

    ``deviations``: the standard deviation of each parameter's weights before it, where they are known.
    """

    def __init__(self, model: Any, seed: int, deviations: Sequence[float] = ()) -> None:
        self._deviations = deviations
        self._names = list(trainable(model))
        self._most = MostChanged(model)
        self._places = torch.Generator().manual_seed(seed)
        parameters = trainable(model).values()
        # Drawn beforehand: in a backward pass parameters come in another order.
        self._index = [torch.randint(each.numel(), (SAMPLES,), generator=self._places) for each in parameters]
        count = len(self._names)
        self._samples = {
            name: np.zeros((count, SAMPLES), np.float32) for name in ("before", "gradient", "after")
        }
        self._sizes = {
            name: np.zeros(count, np.float32)
            for name in ("update_norm", "largest_change", "weight_deviation")
        }
        self._block: dict[str, npt.NDArray[Any]] = {}

    @property
    def block(self) -> Block | None:
        """Where the largest change is."""
        return self._most.block

    def __call__(self, place: int, parameter: nn.Parameter, before: Tensor, gradient: Tensor, /) -> None:
        after = parameter.detach()
        change = after - before
        index = self._index[place].to(after.device)
        for name, values in (("before", before), ("gradient", gradient), ("after", after)):
            self._samples[name][place] = values.flatten()[index].cpu().numpy()
        self._sizes["update_norm"][place] = norm(change)
        self._sizes["largest_change"][place] = float(change.abs().max())
        self._sizes["weight_deviation"][place] = (
            self._deviations[place] if self._deviations else deviation(before)
        )
        if self._most.see(self._names[place], change):
            block = self._most.block
            assert block is not None
            named = {"before": before, "gradient": gradient, "change": change, "after": after}
            self._block = {f"block_{name}": cut(values, block) for name, values in named.items()}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """By the names a trace uses."""
        return {
            "sample_index": torch.stack(self._index).numpy(),
            **{f"sample_{name}": values for name, values in self._samples.items()},
            **self._sizes,
            **self._block,
        }
