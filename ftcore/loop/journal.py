"""metrics.jsonl: a line for each step and evaluation, written when the device's numbers are read."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftcore.backend import Step, StepResult
from ftcore.errors import RunError
from ftcore.files import read_json_lines, write_text

READ_EVERY = 20
"""Steps between two reads of the device's numbers, so that the loop does not wait for each step."""


@dataclass(frozen=True)
class _Pending:
    step: Step
    result: StepResult
    seconds: float


class Journal:
    """Appends events to metrics.jsonl; train events wait until `flush` reads their numbers."""

    def __init__(self, path: Path, resume_at: int) -> None:
        self._path = path
        self._pending: list[_Pending] = []
        self.last_loss: float | None = None
        if path.exists():
            _drop_after(path, resume_at)

    def train(self, step: Step, result: StepResult, seconds: float) -> None:
        """Note a step; its numbers stay on the device for now."""
        self._pending.append(_Pending(step, result, seconds))
        if len(self._pending) >= READ_EVERY:
            self.flush()

    def evaluation(self, step: int, split: str, metrics: Mapping[str, float], seconds: float) -> None:
        """Write an evaluation."""
        self._append([{"event": "eval", "step": step, "split": split, "metrics": dict(metrics), "seconds": seconds}])

    def flush(self) -> None:
        """Read the numbers of the waiting steps and write them.

        Raises:
            RunError: a step's loss or gradient norm was not finite; that step changed nothing.
        """
        waiting, self._pending = self._pending, []
        events = [_event(pending) for pending in waiting]
        self._append(events)
        for event in events:
            if not math.isfinite(event["loss"]) or not math.isfinite(event["grad_norm"]):
                raise RunError(
                    f"step {event['step']}: the loss ({event['loss']}) or gradient norm ({event['grad_norm']}) is not "
                    "finite; that step changed nothing; lower optimizer.learning_rate, or look at the step's examples"
                )
            self.last_loss = event["loss"]

    def _append(self, events: list[dict[str, Any]]) -> None:
        with self._path.open("a", encoding="utf-8") as stream:
            stream.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)


def _event(pending: _Pending) -> dict[str, Any]:
    batches = pending.step.batches
    return {
        "event": "train",
        "step": pending.step.index,
        "loss": float(pending.result.loss),
        "learning_rate": pending.step.learning_rate,
        "grad_norm": float(pending.result.grad_norm),
        "examples": sum(batch.examples for batch in batches),
        "tokens": sum(batch.tokens for batch in batches),
        "seconds": round(pending.seconds, 6),
    }


def _drop_after(path: Path, step: int) -> None:
    """Remove the events after `step`: a resumed run writes them again."""
    kept = [event for event in read_json_lines(path) if event["step"] <= step]
    write_text(path, "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in kept))
