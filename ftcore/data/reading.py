"""How a file's rows become examples."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ftcore.data.collector import Learnable, TargetCollector
from ftcore.data.columns import ColumnRules


@dataclass(frozen=True)
class Reading:
    """How a file's rows become examples; with the file's content and what prepares its inputs it decides the result.

    Attributes:
        rules: which columns are read.
        target: gathers the targets; None where they are not read.
        labels: the labels in order, or None where the file decides them.
        on_bad_row: "stop" or "skip".
    """

    rules: ColumnRules
    target: Learnable | None
    labels: Sequence[str] | None
    on_bad_row: str

    def collector(self) -> TargetCollector | None:
        """Return what gathers the targets; None where they are not read."""
        return None if self.target is None else self.target.collector(self.labels)

    def facts(self) -> dict[str, Any]:
        """Return what the cache's key of any file read this way holds."""
        return {
            "rules": asdict(self.rules),
            "target": None if self.target is None else self.target.name,
            "labels": None if self.labels is None else list(self.labels),
            "on_bad_row": self.on_bad_row,
        }
