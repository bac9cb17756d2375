"""`ftcore spec check`: everything bound together, nothing trained."""

import json
from collections.abc import Mapping
from typing import Any

import typer

from ftcore.cli.options import JsonOption, OverridesOption, SpecArgument

EXAMPLES = """
Examples:

ftcore spec check task.yaml

ftcore spec check task.yaml --set data.max_length=64 --json
"""


def command(spec: SpecArgument, overrides: OverridesOption = None, as_json: JsonOption = False) -> None:
    """Read the spec, the data and the model as a run would, and say what it would meet; nothing is trained.

    Prints rows a class, duplicates, rows that train and test share, what max_length truncates, parameters and steps.
    """
    from ftcore.cli.binding import bind

    found = bind(spec, overrides or (), lambda text: typer.echo(f"note: {text}", err=True))
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    _print_data(found)
    _print_labels(found["labels"], found["data"])
    _print_model(found["model"])
    _print_training(found["training"])
    typer.echo(f"{found['spec']} is right")


def _print_data(found: Mapping[str, Any]) -> None:
    from ftcore.cli.tables import print_table

    typer.echo(f"task        {found['task']}, {len(found['labels'])} labels")
    rows = [
        [
            split,
            str(part["rows"]),
            str(part["rejected"]),
            _share(part["duplicates"], part["rows"]),
            _share(part["truncated"], part["rows"]),
            f"{part['tokens'] / max(1, part['rows']):.1f}",
        ]
        for split, part in found["data"].items()
    ]
    print_table(["split", "rows", "rejected", "duplicates", "truncated", "tokens a row"], rows)
    for pair, count in found["overlap"].items():
        typer.echo(f"texts in both {pair.replace('/', ' and ')}: {count}")


def _print_labels(labels: list[str], splits: Mapping[str, Any]) -> None:
    from ftcore.cli.tables import print_table

    if labels:
        rows = [[label, *(str(part["per_label"].get(label, 0)) for part in splits.values())] for label in labels]
        print_table(["label", *splits], rows)


def _print_model(model: Mapping[str, Any]) -> None:
    origin = f"pretrained, {model['dtype']}" if model["pretrained"] else "from scratch"
    typer.echo(f"model       {model['family']} ({origin})")
    typer.echo(f"parameters  {model['parameters']:,}, trainable {model['trainable']:,}")
    if model["pretrained"]:
        typer.echo(f"new         {', '.join(model['new']) or 'none'}")
        typer.echo(f"not used    {', '.join(model['ignored']) or 'none'}")


def _print_training(training: Mapping[str, Any]) -> None:
    typer.echo(
        f"training    {training['steps']} steps of {training['batch_size']} examples, evaluated every "
        f"{training['evaluate_every']}; best by {training['best_metric']}"
    )
    typer.echo(
        f"            {training['loss']}, {training['optimizer']} at {training['learning_rate']:g}, "
        f"{training['schedule']} after {training['warmup_steps']} warm-up steps"
    )


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)" if whole else str(part)
