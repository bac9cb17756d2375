"""The result of a comparison, as written to comparison.json."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ftcore.comparison.checks import Check
from ftcore.comparison.curves import Agreement
from ftcore.comparison.folder import COMPARISON, REPORT
from ftcore.comparison.table import MethodResult
from ftcore.files import with_nulls
from ftcore.lockstep import Lockstep, Twin


@dataclass(frozen=True)
class Subject:
    """What was compared: the spec's task, model, training data and precision."""

    task: str
    model: str
    data: str
    precision: str
    metric: str


@dataclass(frozen=True)
class Pair:
    """The comparison of one backend's run with the first backend's.

    Attributes:
        first, second: the backends.
        agree: whether they computed the same run; None if nothing was proven.
        verdict: the verdict in words.
        agreement: how far the loss curves agree.
        lockstep: the steps that both took from the same states; None if nothing was proven.
        twin: the reference's twin; None if the curves stayed together.
    """

    first: str
    second: str
    agree: bool | None
    verdict: str
    agreement: Agreement
    lockstep: Lockstep | None
    twin: Twin | None


@dataclass(frozen=True)
class Comparison:
    """One spec on several backends.

    Attributes:
        folder: holds a run folder for each backend, comparison.json and report.html.
        backends: their names; each is compared with the first.
        spec_sha256: hash of the spec as run.
        checks: what must be the same in every run.
        pairs: one for each backend after the first.
        table: the baselines, then each backend's run.
    """

    folder: Path
    backends: tuple[str, ...]
    spec_sha256: str
    subject: Subject
    checks: tuple[Check, ...]
    pairs: tuple[Pair, ...]
    table: tuple[MethodResult, ...]

    @property
    def agree(self) -> bool:
        """Whether every backend computed the same run as the first, as far as it was to be proven."""
        return all(pair.agree is not False for pair in self.pairs)

    @property
    def exit_code(self) -> int:
        """0 if the runs agree, 1 if they differ."""
        return 0 if self.agree else 1

    @property
    def verdict(self) -> str:
        """The verdict in words, one line per pair."""
        return "\n".join(pair.verdict for pair in self.pairs)

    @property
    def path(self) -> Path:
        """comparison.json."""
        return self.folder / COMPARISON

    @property
    def report(self) -> Path:
        """report.html."""
        return self.folder / REPORT

    def to_json(self) -> dict[str, Any]:
        """Return the content of comparison.json; an infinite difference is null."""
        return {
            "status": "complete",
            "agree": self.agree,
            "verdict": [pair.verdict for pair in self.pairs],
            "backends": list(self.backends),
            "spec_sha256": self.spec_sha256,
            "subject": asdict(self.subject),
            "checks": [{**asdict(check), "same": check.same} for check in self.checks],
            "pairs": [with_nulls(asdict(pair)) for pair in self.pairs],
            "table": [asdict(row) for row in self.table],
        }
