"""The tanh approximation for a config that says erf GELU."""

from dataclasses import replace

from ftcore.contract import Learner, Program
from wrong.networks import transformer, with_body
from wrong.wrapping import WrappedBackend


class TanhForErf(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        body = transformer(program)
        if body and body.feed_forward.activation == "gelu":
            feed_forward = replace(body.feed_forward, activation="gelu_tanh")
            program = with_body(program, replace(body, feed_forward=feed_forward), {"hidden_act": "gelu_new"})
        return self.right.build(program, device)
