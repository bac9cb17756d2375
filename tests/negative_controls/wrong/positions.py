"""Positions counted from 0 in a family that counts them from its padding token's id."""

from dataclasses import replace

from ftcore.contract import Learner, Program
from wrong.networks import transformer, with_body
from wrong.wrapping import WrappedBackend


class PositionsFromZero(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        body = transformer(program)
        if body and body.first_position:
            program = with_body(program, replace(body, first_position=0, uncounted_token=None), {})
        return self.right.build(program, device)
