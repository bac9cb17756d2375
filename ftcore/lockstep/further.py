"""What a comparison asks for when curves have left each other: further steps of the reference, and its twin."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ftcore.contract.seeds import generator
from ftcore.files import read_json, with_nulls, write_json
from ftcore.lockstep.quantity import relative
from ftcore.lockstep.records import Record, Records, fingerprint
from ftcore.lockstep.state import State, restore, state_of
from ftcore.lockstep.taking import take
from ftcore.loop import Job

WANTED, TWIN = "wanted.json", "twin.json"


@dataclass(frozen=True)
class Wanted:
    """What a comparison asks the reference for.

    Attributes:
        steps: further steps to be recorded, such as the one at which the curves are furthest apart.
        twin_steps: how many steps its twin takes at most.
        bound: the relative difference of losses at which the twin may stop.
    """

    steps: tuple[int, ...]
    twin_steps: int
    bound: float

    def write(self, folder: Path) -> None:
        """Write it into the folder of the recorded steps."""
        write_json(folder / WANTED, asdict(self))


@dataclass(frozen=True)
class Twin:
    """The reference's twin: the same run on the same backend, whose start differs in the last bits.

    Attributes:
        losses: of each of its steps.
        relative: their relative difference from the reference's.
    """

    losses: tuple[float, ...]
    relative: tuple[float, ...]

    def parted_at(self, bound: float) -> int | None:
        """Return the first step whose losses differ by more than a bound; None if there is none."""
        return next((step for step, value in enumerate(self.relative, start=1) if value > bound), None)


def read_wanted(folder: Path) -> Wanted | None:
    """Return what a comparison asks for; None if it asks for nothing."""
    if not (folder / WANTED).is_file():
        return None
    content = read_json(folder / WANTED)
    return Wanted(tuple(content["steps"]), content["twin_steps"], content["bound"])


def read_twin(folder: Path) -> Twin | None:
    """Return the twin that `run_twin` wrote; None if there is none."""
    if not (folder / TWIN).is_file():
        return None
    content = read_json(folder / TWIN)
    return Twin(_numbers(content["losses"], math.nan), _numbers(content["relative"], math.inf))


def record_further(job: Job, records: Records, steps: Sequence[int]) -> None:
    """Record further steps: the reference's run is repeated from the nearest recorded state."""
    start = state_of(job.learner)
    for index in sorted(set(steps) - set(records.steps)):
        known = max((step for step in records.steps if step < index), default=0)
        restore(job.learner, records.load(known).taken.after if known else start)
        for between in range(known + 1, index):
            job.learner.train_step(job.steps.at(between))
        step, before = job.steps.at(index), state_of(job.learner)
        taken = take(job.learner, before, step)
        records.save(step, before, Record(taken, fingerprint(step), {}))
    restore(job.learner, start)


def run_twin(job: Job, losses: Sequence[float], wanted: Wanted, folder: Path) -> None:
    """Run the twin until its loss has left the reference's, and write twin.json.

    Args:
        job: the reference's job, with its initial parameters.
        losses: the reference's loss at each step.
        wanted: how far the twin runs.
        folder: receives the file.
    """
    start = state_of(job.learner)
    restore(job.learner, State(_with_other_last_bits(start), start.optimizer))
    found: list[float] = []
    apart: list[float] = []
    for index, loss in enumerate(losses[: wanted.twin_steps], start=1):
        found.append(float(job.learner.train_step(job.steps.at(index)).loss))
        apart.append(relative(found[-1], loss, float(np.finfo(np.float64).tiny)))
        if apart[-1] > wanted.bound:
            break
    write_json(folder / TWIN, with_nulls(asdict(Twin(tuple(found), tuple(apart)))))


def _numbers(values: Sequence[float | None], absent: float) -> tuple[float, ...]:
    return tuple(absent if value is None else value for value in values)


def _with_other_last_bits(state: State) -> dict[str, np.ndarray]:
    """Return the tensors, each floating-point value moved to a neighbouring number or kept, as drawn."""
    found = dict(state.tensors)
    for name, value in found.items():
        if np.issubdtype(value.dtype, np.floating):
            moves = generator(0, "twin", name).integers(-1, 2, size=value.shape)
            found[name] = (value * (1 + moves * np.finfo(value.dtype).eps)).astype(value.dtype)
    return found
