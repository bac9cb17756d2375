"""What a case of stored/ is, and the files that its spec names."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import tiny

STORED = Path(__file__).parent / "stored"
COUNTS = {"train": (24, 0), "validation": (8, 100), "test": (8, 200)}
"""Rows of each split, and the number of the first."""
SCRATCH = {"from_scratch": {"architecture": "network"}}
Write = Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """A run that is stored.

    Attributes:
        spec: as a user writes it, with the files in the folder of the case.
        write: writes the files into that folder.
        place: where the spec lies in it.
        ending: of the files of rows.
        module: whether a module of the user's own is trained, which nothing but a run reads.
        predicts: whether `ftcore predict` reads the result.
    """

    spec: dict[str, Any]
    write: Write
    place: str = "task.yaml"
    ending: str = "jsonl"
    module: bool = False
    predicts: bool = True

    def overrides(self, backend: str) -> list[str]:
        """Return what `--set` gives for a backend: its own module."""
        return [f"model.module=net_{backend}:build"] if self.module else []

    @property
    def test(self) -> str:
        """The file of test rows."""
        return f"test.{self.ending}"


def spec(task: str, model: dict[str, Any] = SCRATCH, ending: str = "jsonl", **fields: Any) -> dict[str, Any]:
    """Return a spec of nine steps, evaluated after every third; `fields` are further parts."""
    given = {"task": task, "model": model, **fields}
    data = {**{split: f"{split}.{ending}" for split in COUNTS}, **fields.get("data", {})}
    chosen = {"optimizer": {"learning_rate": 0.01}, "training": {"batch_size": 8}}
    return {**chosen, **given, "data": data}


def of_rows(
    row: Callable[[int], Any], network: dict[str, Any], tokenizer: Callable[[Path], Any] | None = tiny.write_tokenizer
) -> Write:
    """Return what writes rows as JSON lines, and a network with a tokenizer."""

    def write(folder: Path) -> None:
        for split, (count, start) in COUNTS.items():
            lines = [json.dumps(row(number)) for number in range(start, start + count)]
            (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n")
        write_network(folder / "network", network, tokenizer)

    return write


def of_arrays(write_split: Callable[[Path, int, int], Any], network: dict[str, Any], ending: str) -> Write:
    """Return what writes files of arrays, and a network."""

    def write(folder: Path) -> None:
        for split, (count, start) in COUNTS.items():
            write_split(folder / f"{split}.{ending}", count, start)
        write_network(folder / "network", network, None)

    return write


def write_network(folder: Path, config: dict[str, Any], tokenizer: Callable[[Path], Any] | None) -> None:
    """Write a network without weights."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    if tokenizer is not None:
        tokenizer(folder)
