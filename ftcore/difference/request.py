"""What a child process is asked to compute, as a file."""

from dataclasses import asdict, dataclass
from pathlib import Path

from ftcore.difference.heads import HeadChoice
from ftcore.files import read_json, write_json

BATCH = "batch.npz"


@dataclass(frozen=True)
class Request:
    """What a child is to compute.

    Attributes:
        folder: of the model.
        backend: a registered name.
        head: of the network.
        precision: "float32" or "float64".
        seed: keys the draw of a new head.
    """

    folder: str
    backend: str
    head: HeadChoice
    precision: str
    seed: int

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        write_json(path, asdict(self))

    @classmethod
    def read(cls, path: Path) -> "Request":
        """Read back what `write` wrote."""
        content = read_json(path)
        return cls(**{**content, "head": HeadChoice(**content["head"])})
