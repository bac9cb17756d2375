"""What the suite found."""

import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class ConformanceRow:
    """One measurement.

    Attributes:
        rung: the name of the rung.
        case: what was measured, in words.
        precision: "float32", "float64", or "any" where it does not matter.
        mode: the step mode, a key of `BackendInfo.step_modes`, or "any".
        error: measured; infinite where there was nothing to compare.
        bound: the largest error that passes.
        passed: whether error <= bound.
        family, quantity: what of which family was measured, where it was a family.
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
        backend: its name.
        versions: package name to version.
        references: where the references of BERT came from, in words.
        rows: in the ladder's order.
        family_references: where those of the families came from.
    """

    backend: str
    versions: dict[str, str]
    references: str
    rows: tuple[ConformanceRow, ...]
    family_references: str = ""

    @property
    def passed(self) -> bool:
        """Whether there are rows and every one is within its bound."""
        return bool(self.rows) and all(row.passed for row in self.rows)

    @property
    def exit_code(self) -> int:
        """0 where passed, else 1."""
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
        """Read back what `to_json` wrote."""
        content = json.loads(text)
        content.pop("passed")
        rows = tuple(ConformanceRow(**row) for row in content.pop("rows"))
        return cls(**content, rows=tuple(replace(row, error=math.inf) if row.error is None else row for row in rows))
