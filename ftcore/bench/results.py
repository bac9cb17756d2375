"""The results of a suite as in the JSON file: every raw number, the machine and the suite."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ftcore.bench.recording import Measurement
from ftcore.bench.suite import Suite
from ftcore.errors import RunError
from ftcore.files import read_json


@dataclass(frozen=True)
class Round:
    """One round of all contestants.

    Attributes:
        order: names of the contestants in the order of running.
        matmul: floating-point operations per second, by framework and shape.
        measurements: measurements by contestant.
    """

    order: tuple[str, ...]
    matmul: dict[str, dict[str, float]]
    measurements: dict[str, Measurement]

    @property
    def limit(self) -> float:
        """The best rate in this round for any framework and shape."""
        return max(rate for shapes in self.matmul.values() for rate in shapes.values())


@dataclass
class Results:
    """A suite's results.

    Attributes:
        name: name of the suite, from its file.
        suite: the suite as it was run.
        machine: see `machine.machine_facts`.
        rounds: the finished rounds.
    """

    name: str
    suite: Suite
    machine: dict[str, Any]
    rounds: list[Round] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the content of the results file."""
        return {
            "name": self.name,
            "complete": len(self.rounds) == self.suite.rounds,
            "machine": self.machine,
            "suite": self.suite.model_dump(by_alias=True),
            "rounds": [
                {
                    "order": list(done.order),
                    "matmul": done.matmul,
                    "measurements": [done.measurements[name].to_json() for name in sorted(done.measurements)],
                }
                for done in self.rounds
            ],
        }

    @classmethod
    def read(cls, path: Path) -> "Results":
        """Read a results file.

        Raises:
            RunError: it is not a results file.
        """
        try:
            return cls.from_json(read_json(path), path.name)
        except OSError as error:
            raise RunError(f"{path}: cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            reason = " ".join(str(error).split())
            raise RunError(f"{path}: not a results file of ftcore bench: {reason}") from error

    @classmethod
    def from_json(cls, content: dict[str, Any], source: str) -> "Results":
        """Read the content of a results file; `source` is its name in errors.

        Raises:
            RunError, ValueError, KeyError, TypeError: it has another form.
        """
        return cls(
            content["name"],
            Suite.model_validate(content["suite"]),
            content["machine"],
            [_round(item, source) for item in content["rounds"]],
        )


def _round(content: dict[str, Any], source: str) -> Round:
    found = [Measurement.from_json(item, source) for item in content["measurements"]]
    return Round(tuple(content["order"]), content["matmul"], {item.contestant: item for item in found})
