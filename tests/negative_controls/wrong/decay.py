"""Weight decay on biases and norms too."""

from dataclasses import replace

from ftcore.contract import Learner, Program
from wrong.wrapping import WrappedBackend


class DecayOnBiases(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return self.right.build(replace(program, decay_exempt=frozenset()), device)
