"""Writes metrics.jsonl, one line for each step and evaluation."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftcore.contract import Step, StepResult
from ftcore.errors import RunError
from ftcore.files import read_json_lines, write_text

READ_EVERY = 20
"""Steps between two reads from the device, so that the loop does not wait for each step."""


@dataclass(frozen=True)
class _Pending:
    step: Step
    result: StepResult
    seconds: float


class Journal:
    """Appends events to metrics.jsonl; training steps wait until `flush` reads their numbers from the device."""

    def __init__(
        self, path: Path, resume_at: int, most_skipped: int = 0, locate: Callable[[Step], str] = lambda step: ""
    ) -> None:
        """Continue a file, or begin it.

        Args:
            path: metrics.jsonl.
            resume_at: events after this step are removed, because the resumed run writes them again.
            most_skipped: how many consecutive gradients may be not finite, as while float16's loss scale is searched.
            locate: returns where a step's forward pass ceases to be finite; "" if that is unknown.
        """
        self._path = path
        self._most_skipped, self._skipped = most_skipped, 0
        self._locate = locate
        self._pending: list[_Pending] = []
        self._read = False
        self.last_loss: float | None = None
        self._learned = any(event.get("grad_norm") is not None for event in _kept(path, resume_at))

    def train(self, step: Step, result: StepResult, seconds: float) -> None:
        """Add a step; its numbers stay on the device for now, except those of the first."""
        self._pending.append(_Pending(step, result, seconds))
        if len(self._pending) >= READ_EVERY or not self._read:
            self.flush()

    def evaluation(self, step: int, split: str, metrics: Mapping[str, float], seconds: float) -> None:
        """Write an evaluation."""
        self._append([{"event": "eval", "step": step, "split": split, "metrics": dict(metrics), "seconds": seconds}])

    def flush(self) -> None:
        """Read the numbers of the waiting steps from the device and write them.

        Raises:
            RunError: a loss was not finite; or the gradient norm was not in more consecutive steps than `most_skipped`.
        """
        waiting, self._pending = self._pending, []
        self._read = self._read or bool(waiting)
        self._append([_event(pending) for pending in waiting])
        for pending in waiting:
            self._check(pending)

    def close(self) -> None:
        """Write the waiting steps.

        Raises:
            RunError: as `flush`, or no step of the run had a finite gradient, so that nothing was learned.
        """
        self.flush()
        if self._skipped and not self._learned:
            raise RunError(
                f"none of the {self._skipped} steps had a finite gradient while float16's loss scale was halved: "
                "train more steps, or set precision: bfloat16"
            )

    def _check(self, pending: _Pending) -> None:
        loss, norm = float(pending.result.loss), float(pending.result.grad_norm)
        if math.isfinite(loss) and math.isfinite(norm):
            self.last_loss, self._skipped, self._learned = loss, 0, True
            return
        self._skipped += 1
        # A smaller loss scale cannot mend a forward pass, because the scale comes after it.
        if self._skipped > self._most_skipped or not math.isfinite(loss):
            raise RunError(self._not_finite(pending.step, loss, norm))

    def _not_finite(self, step: Step, loss: float, norm: float) -> str:
        where = "" if math.isfinite(loss) else self._locate(step)
        place = f"; its forward pass is not finite {where}" if where else ""
        others = ", or set precision: bfloat16 or float32" if self._most_skipped else ""
        return (
            f"step {step.index}: the loss ({loss}) or gradient norm ({norm}) is not finite; that step changed nothing"
            f"{place}; lower optimizer.learning_rate, or check the step's examples{others}"
        )

    def _append(self, events: list[dict[str, Any]]) -> None:
        with self._path.open("a", encoding="utf-8") as stream:
            stream.writelines(_line(event) for event in events)


def _event(pending: _Pending) -> dict[str, Any]:
    batches = pending.step.batches
    return {
        "event": "train",
        "step": pending.step.index,
        "loss": _finite(float(pending.result.loss)),
        "learning_rate": pending.step.learning_rate,
        "grad_norm": _finite(float(pending.result.grad_norm)),
        "examples": sum(batch.examples for batch in batches),
        "tokens": sum(batch.tokens for batch in batches),
        "seconds": round(pending.seconds, 6),
    }


def _kept(path: Path, step: int) -> list[dict[str, Any]]:
    """Return the events up to `step`, and remove the others, because a resumed run writes them again."""
    if not path.exists():
        return []
    kept = [
        {name: _finite(value) if isinstance(value, float) else value for name, value in event.items()}
        for event in read_json_lines(path)
        if event["step"] <= step
    ]
    write_text(path, "".join(_line(event) for event in kept))
    return kept


def _finite(value: float) -> float | None:
    """Return a number that JSON has: null stands for those that are not finite."""
    return value if math.isfinite(value) else None


def _line(event: Mapping[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n"
