"""Runs the backends of a comparison in lockstep: one keeps the states of sampled steps, the others take the steps."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ftcore.comparison.curves import agreement
from ftcore.comparison.processes import RunProcess
from ftcore.comparison.records import Record
from ftcore.files import read_json
from ftcore.lockstep import MODEL, Lockstep, Twin, Wanted, lockstep_from_json, read_twin
from ftcore.spec import TaskSpec

FOLDER, RESULT, NONE = "lockstep", "result.json", "none"
TWIN_STEPS = 50
"""How many steps beyond the one at which the curves part the twin takes at most."""


@dataclass(frozen=True)
class Proof:
    """What was found for one backend.

    Attributes:
        lockstep: the steps that it took from the reference's states; None if nothing was proven.
        twin: the reference's twin; None if the curves stayed together.
        model: the network before the first step that differs; None if there is no such step.
        unproven: why nothing was proven.
    """

    lockstep: Lockstep | None
    twin: Twin | None = None
    model: Path | None = None
    unproven: str = ""


@dataclass(frozen=True)
class LockstepRuns:
    """The runs of a comparison.

    Attributes:
        spec: the spec's file.
        overrides: each is "a.b=value".
        backends: the reference, then the others.
        folder: the folder of the comparison.
        unproven: why the backends take no steps from the same states; "" if they do.
    """

    spec: Path
    overrides: Sequence[str]
    backends: Sequence[str]
    folder: Path
    unproven: str

    def run(self) -> None:
        """Run every backend, the reference first."""
        for name in self.backends:
            self._process(name).run(f"the run on {name}")

    def ask_further(self, records: Sequence[Record], bound: float) -> None:
        """If loss curves left each other, take the steps where they did, and run the reference's twin.

        A backend that takes another step from the same state needs no further ones.
        """
        if self.unproven or read_twin(self.states) is not None:
            return
        failed = {name for name, proof in self.proofs().items() if proof.lockstep and not proof.lockstep.passes}
        wanted = _wanted([record for record in records if record.backend not in failed], bound)
        if wanted is None:
            return
        wanted.write(self.states)
        for name in [name for name in self.backends if name not in failed]:
            self._process(name).go_on(f"further steps on {name}, where the curves leave each other")

    def proofs(self) -> dict[str, Proof]:
        """Return the proof for each backend but the reference."""
        twin, model = read_twin(self.states), self.states / MODEL
        found = {}
        for name in self.backends[1:]:
            path = self.states / f"{name}.json"
            lockstep = None if self.unproven else lockstep_from_json(read_json(path))
            found[name] = Proof(lockstep, twin, model if model.is_dir() else None, self.unproven)
        return found

    def clean(self) -> None:
        """Remove the recorded states, which are large; the results stay."""
        for path in self.states.glob("*"):
            if path.is_dir() and path.name != MODEL:
                shutil.rmtree(path)
            elif path.suffix == ".safetensors":
                path.unlink()

    @property
    def states(self) -> Path:
        """The folder of recorded states and results."""
        return self.folder / FOLDER

    def _process(self, backend: str) -> RunProcess:
        option = "--record-steps" if backend == self.backends[0] else "--take-steps"
        more = [] if self.unproven else [option, str(self.states)]
        return RunProcess(self.spec, backend, self.folder / backend, self.overrides, more)


def why_unproven(spec: TaskSpec, reference: str, folder: Path) -> str:
    """Return why nothing can be proven in the folder of a comparison; "" if it can."""
    if spec.compare.lockstep == NONE:
        return "compare.lockstep is none"
    if (folder / reference / RESULT).is_file() and not (folder / FOLDER).is_dir():
        return f"the run on {reference} was finished by a version of ftcore that kept no states"
    return ""


def _wanted(records: Sequence[Record], bound: float) -> Wanted | None:
    """Return the first step beyond the bound and the one furthest apart, for each backend; None if there are none."""
    first, *others = records
    found = [agreement(first.training, other.training, bound) for other in others]
    apart = [one for one in found if one.beyond is not None]
    if not apart:
        return None
    steps = sorted({step for one in apart for step in (one.beyond, one.largest_at) if step is not None})
    return Wanted(tuple(steps), 2 * max(steps[0], TWIN_STEPS), bound)
