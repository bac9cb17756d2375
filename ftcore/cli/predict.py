"""`ftcore predict`: writes the prediction of a fine-tuned model for each row."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ftcore.cli.options import (
    BackendOption,
    DataOption,
    DeviceOption,
    InputFormatOption,
    KeepOption,
    ModelArgument,
    ReadOption,
    ThreadsOption,
    fields_of,
)
from ftcore.formats import OnBadRow, OutputFormat

EXAMPLES = """
Examples:

ftcore predict runs/task-torch --data new.jsonl --output predictions.jsonl

ftcore predict runs/task-torch --data new.csv --keep id --output out.csv

cat new.jsonl | ftcore predict runs/task-torch --data - --output-format csv
"""
STANDARD_OUTPUT = Path("-")


def command(
    model: ModelArgument,
    data: DataOption,
    backend: BackendOption = None,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE|-", help="A new .jsonl or .csv file; - for standard output.")
    ] = STANDARD_OUTPUT,
    keep: KeepOption = None,
    on_bad_row: Annotated[
        OnBadRow,
        typer.Option("--on-bad-row", help="stop at a bad row, or skip it: write an error instead of its prediction."),
    ] = "stop",
    input_format: InputFormatOption = "jsonl",
    output_format: Annotated[
        OutputFormat, typer.Option("--output-format", help="The format of standard output.")
    ] = "jsonl",
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
    read: ReadOption = None,
) -> None:
    """Write the prediction for each row, in the order of the rows: the label and scores, or the task's own fields.

    Rows are streamed, a few thousand at a time, not kept in memory.
    """
    from ftcore.cli.progress import RowCount, print_note
    from ftcore.files import new_file
    from ftcore.prediction import Output, format_of, load_predictor, predictions_of_data, write_file, write_stream
    from ftcore.runs import Device

    to_stream = output == STANDARD_OUTPUT
    if not to_stream:
        output_format = format_of(new_file(output))
    predictor = load_predictor(model, Device(backend, device, threads), fields_of(read), print_note)
    chunks = predictions_of_data(predictor, data, input_format, keep or [], on_bad_row)
    with RowCount(hidden=to_stream and sys.stdout.isatty()) as count:
        form = Output(output_format, keep or [], errors=on_bad_row == "skip", progress=count)
        if to_stream:
            write_stream(chunks, sys.stdout, form)
        else:
            write_file(chunks, output, form)
    typer.echo(f"wrote {output}: {count.text()}" if not to_stream else count.text(), err=True)
