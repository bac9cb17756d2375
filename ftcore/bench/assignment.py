"""The arguments of a contestant, the same for ftcore and for the programs of a suite."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from ftcore.observer import Silent
from ftcore.runs import Bound, bind
from ftcore.spec import load_spec


@dataclass(frozen=True)
class Assignment:
    """One training.

    Attributes:
        name: name of the contestant.
        spec: the file of the task spec.
        overrides: each is "a.b=value".
        steps: number of steps, including warm-up.
        threads: CPU threads.
        output: the file to write.
    """

    name: str
    spec: Path
    overrides: tuple[str, ...]
    steps: int
    threads: int
    output: Path

    def words(self) -> list[str]:
        """Return the assignment as command-line arguments."""
        settings = [word for override in self.overrides for word in ("--set", override)]
        return [
            *("--name", self.name, "--spec", str(self.spec), "--steps", str(self.steps)),
            *("--threads", str(self.threads), "--output", str(self.output), *settings),
        ]

    def bind(self) -> Bound:
        """Read spec, data and model with ftcore."""
        return bind(load_spec(self.spec, self.overrides), self.spec.parent, Silent())


def parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of an assignment's arguments, to which a contestant can add its own."""
    found = argparse.ArgumentParser(description=description)
    found.add_argument("--name", required=True)
    found.add_argument("--spec", type=Path, required=True)
    found.add_argument("--set", dest="overrides", action="append", default=[], metavar="FIELD=VALUE")
    found.add_argument("--steps", type=int, required=True)
    found.add_argument("--threads", type=int, required=True)
    found.add_argument("--output", type=Path, required=True)
    return found


def assignment_of(given: argparse.Namespace) -> Assignment:
    """Return the assignment in parsed arguments."""
    overrides = tuple(given.overrides)
    return Assignment(given.name, given.spec, overrides, given.steps, given.threads, given.output)
