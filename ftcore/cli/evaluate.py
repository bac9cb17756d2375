"""`ftcore evaluate`: computes the metrics of a fine-tuned model on a file."""

import json
from collections.abc import Mapping

import typer

from ftcore.cli.options import (
    BackendOption,
    DataOption,
    DeviceOption,
    InputFormatOption,
    JsonOption,
    ModelArgument,
    ReadOption,
    ThreadsOption,
    fields_of,
)
from ftcore.cli.tables import print_table

EXAMPLES = """
Examples:

ftcore evaluate runs/task-torch --data test.jsonl

ftcore evaluate runs/task-torch/model --data test.csv --backend tf --json
"""


PART = "/"
"""Separates the name of a metric from the part of the data, such as a role, that it is computed on."""


def command(
    model: ModelArgument,
    data: DataOption,
    backend: BackendOption = None,
    as_json: JsonOption = False,
    input_format: InputFormatOption = "jsonl",
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
    read: ReadOption = None,
) -> None:
    """Print the loss and metrics of a fine-tuned model on labelled rows."""
    from ftcore import library
    from ftcore.cli.progress import RowCount, print_note

    with RowCount() as count:
        metrics = library.evaluate(
            *(model, data, backend, count, input_format, device, threads, print_note), reading=fields_of(read)
        )
    if as_json:
        typer.echo(json.dumps(metrics, allow_nan=False))
        return
    for name, value in metrics.items():
        if PART not in name:
            typer.echo(f"{name:<24}{value:.6f}")
    _print_parts({name: value for name, value in metrics.items() if PART in name})


def _print_parts(metrics: Mapping[str, float]) -> None:
    """Print one line with the metrics of each PART of "METRIC/PART"."""
    rows: dict[str, dict[str, float]] = {}
    for name, value in metrics.items():
        metric, _, part = name.partition(PART)
        rows.setdefault(part, {})[metric] = value
    if rows:
        names = list(dict.fromkeys(name for row in rows.values() for name in row))
        cells = [[part, *(f"{row[name]:.6g}" if name in row else "" for name in names)] for part, row in rows.items()]
        print_table(["", *names], cells)
