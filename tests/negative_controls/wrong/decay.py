"""Weight decay on biases and norms too."""

from dataclasses import replace

from wrong.wrapping import WrappedBackend

from ftcore.backend import Learner, Program


class DecayOnBiases(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return self.right.build(replace(program, decay_exempt=frozenset()), device)
