"""Sums over the elements of one parameter, from which the errors of a step follow.

The arrays of a parameter are read piece by piece, so that memory is read once. Each piece is computed in its own type,
and the pieces are added in float64.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ftcore.contract.optimizers import Optimizer
from ftcore.lockstep.state import State

PIECE = 2**13
"""Elements of a piece: they fit into the processor's cache, and are too few for BLAS to start threads of its own."""


@dataclass(frozen=True)
class Move:
    """How an optimizer moves one parameter in a step.

    Attributes:
        optimizer: the optimizer's definition.
        learning_rate: learning rate of the step.
        number: number of the update, 1 for the first.
        decays: whether weight decay applies to the parameter.
    """

    optimizer: Optimizer
    learning_rate: float
    number: int
    decays: bool


@dataclass
class SideSums:
    """Squared norms of one learner's step, summed over a parameter's elements.

    Attributes:
        change: of the parameter after minus before.
        wrong: of the parameter after minus what the optimizer's definition makes of the learner's own state.
        touched: whether the parameter or its state changed.
    """

    change: float = 0.0
    wrong: float = 0.0
    touched: bool = False


@dataclass
class ParameterSums:
    """Squared norms of one parameter in a step that two learners took from one state.

    Attributes:
        parameter: of the parameter before the step.
        gradient, gradient_apart: of the reference's gradient, and of the difference of the two gradients.
        carrier: of the slot that carries the gradient, after the reference's step, divided by the gradient's share.
        slots, slots_apart: of each slot after the reference's step, and of the difference of the two; sums of absolute
            values, because the square of a small second moment is not a float32.
        sides: of the reference's and the other learner's own step.
    """

    parameter: float = 0.0
    gradient: float = 0.0
    gradient_apart: float = 0.0
    carrier: float = 0.0
    slots: dict[str, float] = field(default_factory=dict)
    slots_apart: dict[str, float] = field(default_factory=dict)
    sides: tuple[SideSums, SideSums] = field(default_factory=lambda: (SideSums(), SideSums()))


def parameter_sums(name: str, move: Move, before: State, sides: Sequence[State]) -> ParameterSums:
    """Return the sums of a parameter.

    Args:
        name: its name.
        move: how the optimizer moves it.
        before: the state before the step.
        sides: the states after the step: the reference's, and the other learner's.
    """
    sums, slots = ParameterSums(), move.optimizer.slots
    flat = [_flat(name, slots, state) for state in (before, *sides)]
    for start in range(0, flat[0][name].size, PIECE):
        pieces = [{key: value[start : start + PIECE] for key, value in one.items()} for one in flat]
        _add(sums, name, move, *pieces)
    return sums


def _flat(name: str, slots: Sequence[str], state: State) -> dict[str, np.ndarray]:
    arrays = {name: state.tensors[name], **{slot: state.optimizer[f"{slot}/{name}"] for slot in slots}}
    return {key: np.asarray(value).reshape(-1) for key, value in arrays.items()}


Piece = Mapping[str, np.ndarray]


def _add(sums: ParameterSums, name: str, move: Move, before: Piece, one: Piece, other: Piece) -> None:
    carrier = move.optimizer.carrier
    sums.parameter += _squared(before[name])
    apart = {slot: other[slot] - one[slot] for slot in move.optimizer.slots}
    sums.gradient += _squared(one[carrier.slot] - carrier.kept * before[carrier.slot]) / carrier.share**2
    sums.gradient_apart += _squared(apart[carrier.slot]) / carrier.share**2
    sums.carrier += _squared(one[carrier.slot]) / carrier.share**2
    for slot, difference in apart.items():
        sums.slots[slot] = sums.slots.get(slot, 0.0) + _absolute(one[slot])
        sums.slots_apart[slot] = sums.slots_apart.get(slot, 0.0) + _absolute(difference)
    for side, after in zip(sums.sides, (one, other), strict=True):
        _add_side(side, name, move, before, after)


def _add_side(side: SideSums, name: str, move: Move, before: Piece, after: Piece) -> None:
    definition = move.optimizer
    before_slots, after_slots = ({slot: piece[slot] for slot in definition.slots} for piece in (before, after))
    wanted = definition.moved(before[name], before_slots, after_slots, move.learning_rate, move.number, move.decays)
    change = _squared(after[name] - before[name])
    side.change += change
    side.wrong += _squared(after[name] - wanted)
    side.touched |= change > 0 or any(not np.array_equal(after[slot], before[slot]) for slot in definition.slots)


def _squared(values: np.ndarray) -> float:
    return float(values @ values)


def _absolute(values: np.ndarray) -> float:
    return float(np.abs(values).sum(dtype=np.float64))
