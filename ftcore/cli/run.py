"""`ftcore run`: fine-tunes on one backend."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ftcore.cli.options import BackendOption, OutputFolderOption, OverridesOption, SpecArgument

if TYPE_CHECKING:
    from ftcore.runs import Companion

EXAMPLES = """
Examples:

ftcore run task.yaml --backend torch

ftcore run task.yaml --backend tf --set optimizer.learning_rate=2e-4

ftcore run task.yaml --backend tf --output runs/try --set training.max_steps=9

ftcore run task.yaml --backend tf --output runs/try --resume

ftcore run own-module.yaml --backend torch --allow-code
"""

RecordOption = Annotated[
    Path | None,
    typer.Option("--record-steps", hidden=True, help="For ftcore compare: keep the states of sampled steps here."),
]
TakeOption = Annotated[
    Path | None,
    typer.Option("--take-steps", hidden=True, help="For ftcore compare: take the steps that are kept here."),
]


def command(
    spec: SpecArgument,
    backend: BackendOption = None,
    output: OutputFolderOption = None,
    overrides: OverridesOption = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue from the newest checkpoint in the run folder.")
    ] = False,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Allow the code of the spec's model.module to run.")
    ] = False,
    record: RecordOption = None,
    take: TakeOption = None,
) -> None:
    """Fine-tune according to a spec. The run folder holds the model, the metrics and everything to repeat the run."""
    from ftcore import library
    from ftcore.cli.progress import observer
    from ftcore.cli.tables import metrics_text

    watching = observer()
    try:
        run = library.run(
            spec, backend, output, overrides or (), resume, watching, allow_code, _companion(record, take)
        )
    finally:
        # A running bar would hide the error line.
        watching.finished()
    for split, metrics in run.metrics.items():
        typer.echo(f"{split:<12}{metrics_text(metrics)}")
    typer.echo(f"{'run':<12}{run.folder}")
    typer.echo(f"{'model':<12}{run.model_dir}")


def _companion(record: Path | None, take: Path | None) -> "Companion | None":
    if record is None and take is None:
        return None
    # Only a comparison gives one of them: other runs start without this import.
    from ftcore.lockstep import Following, Recording

    if record is not None:
        return Recording(record)
    return None if take is None else Following(take)
