"""`ftcore evaluate`: a fine-tuned model's metrics on a file."""

import json

import typer

from ftcore.cli.options import BackendOption, DataOption, JsonOption, ModelArgument

EXAMPLES = """
Examples:

ftcore evaluate runs/task-torch --data test.jsonl

ftcore evaluate runs/task-torch/model --data test.csv --backend tf --json
"""


def command(model: ModelArgument, data: DataOption, backend: BackendOption = None, as_json: JsonOption = False) -> None:
    """Print loss and metrics of a fine-tuned model on rows with labels."""
    from ftcore import library
    from ftcore.cli.progress import RowCount

    with RowCount() as count:
        metrics = library.evaluate(model, data, backend, count)
    if as_json:
        typer.echo(json.dumps(metrics))
        return
    for name, value in metrics.items():
        typer.echo(f"{name:<24}{value:.6f}")
