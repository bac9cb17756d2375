"""The tanh approximation for a config that says erf GELU."""

from dataclasses import replace

from ftcore.backend import Learner, Program
from wrong.networks import transformer, with_body
from wrong.wrapping import WrappedBackend


class TanhForErf(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        body = transformer(program)
        if body and body.activation == "gelu":
            program = with_body(program, replace(body, activation="gelu_tanh"), {"hidden_act": "gelu_new"})
        return self.right.build(program, device)
