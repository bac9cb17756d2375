"""The report of the conformance suite."""

import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class ConformanceRow:
    """One measurement.

    Attributes:
        rung: the name of the rung.
        case: the measurement in words.
        precision: "float32", "float64", or "any" if it does not matter.
        mode: the step mode, a key of `BackendInfo.step_modes`, or "any".
        error: the measured error; infinite if there was nothing to compare.
        bound: the largest error that passes.
        passed: whether error <= bound.
        family, quantity: the measured family and quantity, if it was a family.
    """

    rung: str
    case: str
    precision: str
    mode: str
    error: float
    bound: float
    passed: bool
    family: str = ""
    quantity: str = ""


@dataclass(frozen=True)
class Report:
    """Every measurement of one backend.

    Attributes:
        backend: name of the backend.
        versions: maps package names to versions.
        references: origin of BERT's references, in words.
        rows: the measurements in the order of the rungs.
        family_references: origin of the families' references, in words.
    """

    backend: str
    versions: dict[str, str]
    references: str
    rows: tuple[ConformanceRow, ...]
    family_references: str = ""

    @property
    def passed(self) -> bool:
        """Whether there are rows, and all are within their bounds."""
        return bool(self.rows) and all(row.passed for row in self.rows)

    @property
    def exit_code(self) -> int:
        """0 if passed, else 1."""
        return 0 if self.passed else 1

    @property
    def failures(self) -> tuple[ConformanceRow, ...]:
        """The rows that are out of bounds."""
        return tuple(row for row in self.rows if not row.passed)

    def to_json(self) -> str:
        """Return the report as a JSON object; an infinite error is null."""
        content: dict[str, Any] = asdict(self) | {"passed": self.passed}
        for row in content["rows"]:
            row["error"] = row["error"] if math.isfinite(row["error"]) else None
        return json.dumps(content, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Read a report that `to_json` wrote."""
        content = json.loads(text)
        content.pop("passed")
        rows = tuple(ConformanceRow(**row) for row in content.pop("rows"))
        return cls(**content, rows=tuple(replace(row, error=math.inf) if row.error is None else row for row in rows))
