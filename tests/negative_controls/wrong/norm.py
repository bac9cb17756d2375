"""A norm epsilon of 1e-7 where the config says 1e-12."""

from dataclasses import replace

from ftcore.contract import Learner, Program
from ftcore.contract.network import Norm
from wrong.networks import transformer, with_body
from wrong.wrapping import WrappedBackend


class NormEpsilon(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        body = transformer(program)
        if body and body.norm.epsilon == 1e-12:
            program = with_body(program, replace(body, norm=Norm(1e-7)), {"layer_norm_eps": 1e-7})
        return self.right.build(program, device)
