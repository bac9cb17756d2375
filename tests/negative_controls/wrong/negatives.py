"""Negatives that count less than they should: the scale of multiple negatives ranking is left at 1."""

from dataclasses import replace

from ftcore.contract import Learner, Program
from ftcore.contract.losses import MultipleNegativesRanking
from wrong.wrapping import WrappedBackend


class NoScale(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        if isinstance(program.loss, MultipleNegativesRanking):
            program = replace(program, loss=replace(program.loss, scale=1.0))
        return self.right.build(program, device)
