"""The request to a child process, as a file."""

from dataclasses import asdict, dataclass
from pathlib import Path

from ftcore.difference.heads import HeadChoice
from ftcore.files import read_json, write_json

BATCH = "batch.npz"


@dataclass(frozen=True)
class Request:
    """The network that a child process computes.

    Attributes:
        folder: folder of the model.
        backend: a registered backend's name.
        head: head of the network.
        precision: "float32" or "float64".
        seed: seed of a new head.
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
        """Read a file that `write` wrote."""
        content = read_json(path)
        return cls(**{**content, "head": HeadChoice(**content["head"])})
