"""`ftcore predict`: what a fine-tuned model says of each row."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ftcore.cli.options import BackendOption, ModelArgument
from ftcore.errors import FtcoreError

EXAMPLES = """
Examples:

ftcore predict runs/task-torch --data new.jsonl --output predictions.jsonl

echo '{"text": "where is it?"}' | ftcore predict runs/task-torch --data -
"""


def command(
    model: ModelArgument,
    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="FILE|-",
            help="Rows as in training, labels not needed; - reads JSON lines from standard input.",
        ),
    ],
    backend: BackendOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE.jsonl", help="A new file; default: standard output.", show_default=False
        ),
    ] = None,
) -> None:
    """Print one JSON object a row, in the file's order: the label and its scores, or the task's own."""
    from ftcore import library

    with _file(data) as path:
        predictions = library.predict(model, path, backend, output)
    if isinstance(predictions, Path):
        typer.echo(f"wrote {predictions}", err=True)
        return
    for row in predictions:
        typer.echo(json.dumps(row, ensure_ascii=False))


@contextmanager
def _file(data: str) -> Iterator[str]:
    """Give the data's path; standard input becomes a file first, because data is read by name and in parallel."""
    if data != "-":
        yield data
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "standard-input.jsonl"
        path.write_bytes(sys.stdin.buffer.read())
        try:
            yield str(path)
        except FtcoreError as error:
            raise type(error)(str(error).replace(str(path), "standard input")) from error
