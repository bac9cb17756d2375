"""Writes metrics.jsonl, one line for each step and evaluation."""

import json
import math
from collections.abc import Mapping
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

    def __init__(self, path: Path, resume_at: int, most_skipped: int = 0) -> None:
        """Continue a file, or begin it.

        Args:
            path: metrics.jsonl.
            resume_at: events after this step are removed, because the resumed run writes them again.
            most_skipped: how many consecutive steps may be not finite, as while float16's loss scale is searched.
        """
        self._path = path
        self._most_skipped, self._skipped = most_skipped, 0
        self._pending: list[_Pending] = []
        self.last_loss: float | None = None
        if path.exists():
            _drop_after(path, resume_at)

    def train(self, step: Step, result: StepResult, seconds: float) -> None:
        """Add a step; its numbers stay on the device for now."""
        self._pending.append(_Pending(step, result, seconds))
        if len(self._pending) >= READ_EVERY:
            self.flush()

    def evaluation(self, step: int, split: str, metrics: Mapping[str, float], seconds: float) -> None:
        """Write an evaluation."""
        self._append([{"event": "eval", "step": step, "split": split, "metrics": dict(metrics), "seconds": seconds}])

    def flush(self) -> None:
        """Read the numbers of the waiting steps from the device and write them.

        Raises:
            RunError: the loss or gradient norm was not finite in more consecutive steps than `most_skipped`.
        """
        waiting, self._pending = self._pending, []
        events = [_event(pending) for pending in waiting]
        self._append(events)
        for event in events:
            self._check(event)

    def _check(self, event: Mapping[str, Any]) -> None:
        if math.isfinite(event["loss"]) and math.isfinite(event["grad_norm"]):
            self.last_loss, self._skipped = event["loss"], 0
            return
        self._skipped += 1
        if self._skipped > self._most_skipped:
            raise RunError(
                f"step {event['step']}: the loss ({event['loss']}) or gradient norm ({event['grad_norm']}) is not "
                "finite; that step changed nothing; lower optimizer.learning_rate, or check the step's examples"
            )

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
    """Remove the events after `step`, because a resumed run writes them again."""
    kept = [event for event in read_json_lines(path) if event["step"] <= step]
    write_text(path, "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in kept))
