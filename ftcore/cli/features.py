"""`ftcore features`: computes a vector for each text, or for each of its tokens."""

from pathlib import Path
from typing import Annotated

import typer

from ftcore.cli.options import (
    BackendOption,
    DataOption,
    DeviceOption,
    InputFormatOption,
    KeepOption,
    ReadOption,
    ThreadsOption,
    fields_of,
)
from ftcore.formats import FeaturePooling

EXAMPLES = """
Examples:

ftcore features bert-folder --data texts.csv --output vectors.npy

ftcore features bert-folder --data a.csv --keep id --output a.parquet

ftcore features bert-folder --data a.csv --pooling none --output a.parquet

ftcore features runs/a --data a.csv --text-column words --output a.npy
"""


def command(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="A folder, a hub id, package:IMPORT_NAME/FOLDER, or a run folder.", show_default=False
        ),
    ],
    data: DataOption,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="A new .npy or .parquet file.", show_default=False)
    ],
    backend: BackendOption = None,
    pooling: Annotated[
        FeaturePooling | None,
        typer.Option(
            "--pooling",
            help="How a sequence becomes one vector; none: one vector per token; default: the setting in the model's "
            "folder, otherwise mean.",
            show_default=False,
        ),
    ] = None,
    layer: Annotated[
        int, typer.Option("--layer", help="Whose output to use: 0 is the embeddings, -1 the last block.")
    ] = -1,
    normalize: Annotated[
        bool | None,
        typer.Option(
            "--normalize/--no-normalize",
            help="Scale each vector to length 1; default: the setting in the model's folder, otherwise no.",
            show_default=False,
        ),
    ] = None,
    text_column: Annotated[
        str, typer.Option("--text-column", metavar="NAME", help="The column of the data that holds the texts.")
    ] = "text",
    keep: KeepOption = None,
    max_length: Annotated[
        int | None,
        typer.Option(
            "--max-length",
            min=2,
            help="Most tokens per sequence; default: the setting in the model's folder, otherwise 128.",
            show_default=False,
        ),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            "--prompt",
            metavar="TEXT",
            help="What stands before every text; default: the default prompt of sentence-transformers' files in the "
            "model's folder, otherwise nothing.",
            show_default=False,
        ),
    ] = None,
    input_format: InputFormatOption = "jsonl",
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
    read: ReadOption = None,
) -> None:
    """Write the float32 vector of each row's text, in the order of the rows. Nothing is trained.

    A .npy file holds an array [rows, hidden size]. A Parquet file has the kept columns and "vector", or with --pooling
    none "tokens" and "vectors", one for each token. Rows are streamed, not kept in memory.
    """
    from ftcore import library
    from ftcore.cli.progress import RowCount, print_note

    with RowCount() as count:
        library.features(
            *(model, data, backend, pooling, normalize, output, {"text": text_column}, max_length),
            layer=layer,
            keep=keep or [],
            input_format=input_format,
            progress=count,
            device=device,
            threads=threads,
            prompt=prompt,
            reading=fields_of(read),
            notify=print_note,
        )
    typer.echo(f"wrote {output}: {count.text()}", err=True)
