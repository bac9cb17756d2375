"""Records the measurement of a contestant in one round, and reads and writes its file."""

import json
import math
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.errors import RunError
from ftcore.files import write_json
from ftcore.models import StepFlops

STATUS = Path("/proc/self/status")
SAMPLE_SECONDS = 0.02
"""Seconds between samples of the anonymous memory; much shorter than a step."""


@dataclass
class Measurement:
    """One contestant in one round; each list has one element per step, including warm-up.

    Attributes:
        contestant: name of the contestant.
        packages: maps package names to versions.
        seconds_to_first_step: from the start of the process to the end of its first training step.
        step_seconds: wall-clock time of each step, including its batch and the reading of its loss.
        examples: examples of each step.
        real_tokens: tokens of each step without padding.
        computed_tokens: slots in the batches of each step, including padding.
        losses: mean loss of each step, in nats per example.
        peak_memory_bytes: largest resident size.
        peak_anonymous_memory_bytes: largest resident size without mapped files.
        flops_per_step: operations on real tokens, forward and backward; [] if they were not counted.
    """

    contestant: str
    packages: dict[str, str] = field(default_factory=dict)
    seconds_to_first_step: float = 0.0
    step_seconds: list[float] = field(default_factory=list)
    examples: list[int] = field(default_factory=list)
    real_tokens: list[int] = field(default_factory=list)
    computed_tokens: list[int] = field(default_factory=list)
    losses: list[float | None] = field(default_factory=list)
    peak_memory_bytes: int = 0
    peak_anonymous_memory_bytes: int = 0
    flops_per_step: list[float] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)

    @classmethod
    def read(cls, path: Path) -> "Measurement":
        """Read the file of a contestant.

        Raises:
            RunError: the file is missing or does not have the documented form.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"{path.name}: the contestant wrote no measurement: {error}") from error
        return cls.from_json(content, path.name)

    @classmethod
    def from_json(cls, content: Any, source: str) -> "Measurement":
        """Check the documented form; `source` is its name in errors."""
        try:
            found = cls(**content)
            problem = _problem(found)
        except TypeError as error:
            problem = str(error).replace("Measurement.__init__() got an ", "")
        if problem:
            raise RunError(f"{source}: not a measurement: {problem}")
        return found


def _problem(found: Measurement) -> str | None:
    steps = len(found.step_seconds)
    for name in ("examples", "real_tokens", "computed_tokens", "losses"):
        if len(getattr(found, name)) != steps:
            return f"{name} has {len(getattr(found, name))} elements for {steps} steps"
    if found.flops_per_step and len(found.flops_per_step) != steps:
        return f"flops_per_step has {len(found.flops_per_step)} elements for {steps} steps"
    if steps == 0 or not all(seconds > 0 for seconds in found.step_seconds):
        return "step_seconds must hold at least one step, each above 0"
    return None


class Recorder:
    """Records a contestant's steps; create it at the start of the process, from which it watches the memory."""

    def __init__(self, contestant: str, packages: Mapping[str, str]) -> None:
        self.measurement = Measurement(contestant, dict(packages))
        self._memory = AnonymousMemory()

    def step(
        self,
        seconds: float,
        examples: int,
        lengths: np.ndarray,
        computed_tokens: int,
        loss: float,
        flops: StepFlops | None = None,
    ) -> None:
        """Record one step.

        Args:
            seconds: its wall-clock time.
            examples: number of its examples.
            lengths: int [sequences], the real tokens of each sequence.
            computed_tokens: slots of its batches, including padding.
            loss: its mean loss; written as null if it is not finite.
            flops: counts its floating-point operations.
        """
        found = self.measurement
        if not found.step_seconds:
            found.seconds_to_first_step = seconds_since_start()
        found.step_seconds.append(seconds)
        found.examples.append(int(examples))
        found.real_tokens.append(int(np.sum(lengths)))
        found.computed_tokens.append(int(computed_tokens))
        found.losses.append(float(loss) if math.isfinite(loss) else None)
        if flops is not None:
            found.flops_per_step.append(flops(lengths))

    def write(self, path: Path) -> None:
        """Write the measurement."""
        self.measurement.peak_memory_bytes = status_bytes("VmHWM")
        self.measurement.peak_anonymous_memory_bytes = self._memory.stop()
        write_json(path, self.measurement.to_json())


class AnonymousMemory:
    """Watches this process's anonymous memory in a thread, because the kernel records no peak of it."""

    def __init__(self) -> None:
        self.peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Return the peak, in bytes."""
        self._ended.set()
        self._thread.join()
        return self.peak

    def _watch(self) -> None:
        ended = False
        while not ended:
            self.peak = max(self.peak, status_bytes("RssAnon"))
            ended = self._ended.wait(SAMPLE_SECONDS)
        self.peak = max(self.peak, status_bytes("RssAnon"))


def status_bytes(name: str) -> int:
    """Return a field of this process's status in bytes: VmHWM (peak resident size) or RssAnon."""
    for line in STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise RunError(f"{STATUS} has no {name}: memory is measured on Linux 4.5 or later only")


def seconds_since_start() -> float:
    """Return the age of this process."""
    import psutil

    return time.time() - float(psutil.Process().create_time())
