"""How the next token is chosen from the logits."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class Sampler:
    """Greedy at temperature 0, else a seeded draw after temperature and top-p.

    The draw is the one that transformers' ``generate`` makes after ``torch.manual_seed(seed)`` with
    ``do_sample=True, top_k=0``; its generator is our own, so nothing else shifts it.
    """

    def __init__(self, temperature: float, top_p: float, seed: int) -> None:
        from transformers.generation.logits_process import TemperatureLogitsWarper, TopPLogitsWarper

        self._generator = torch.Generator().manual_seed(seed)
        self._warpers: list[Any] = []
        self.greedy = temperature == 0
        if not self.greedy and temperature != 1:
            self._warpers.append(TemperatureLogitsWarper(temperature))
        if not self.greedy and top_p < 1:
            self._warpers.append(TopPLogitsWarper(top_p))

    def choose(self, logits: Tensor) -> tuple[int, float]:
        """The chosen id out of ``logits`` [vocabulary], and its chance under temperature and top-p."""
        if self.greedy:
            return int(logits.argmax()), 1.0
        scores = logits[None].float().cpu()
        for warper in self._warpers:
            scores = warper(None, scores)
        chances = scores.softmax(-1)
        id = int(torch.multinomial(chances, num_samples=1, generator=self._generator)[0, 0])
        return id, float(chances[0, id])
