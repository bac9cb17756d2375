"""`ftcore spec check`: checks a spec with its data and model, without training."""

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
    """Read the spec, the data and the model as a run does, and report what it would find; nothing is trained.

    Print rows of each class, duplicates, overlap of train and test, what max_length truncates, parameters and steps.
    """
    from ftcore.cli.progress import observer
    from ftcore.cli.spec_summary import summary
    from ftcore.runs import bind
    from ftcore.spec import load_spec

    loaded = load_spec(spec, overrides or ())
    found = summary(spec, bind(loaded, spec.parent, observer()))
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    typer.echo(f"task        {found['task']}")
    _print_splits(found["data"]["splits"])
    _print_overlap(found["data"]["overlap"])
    _print_labels(found["data"]["labels"], found["data"]["splits"])
    _print_model(found["model"])
    _print_training(found["training"])
    typer.echo(f"{found['spec']} is valid")


def _print_splits(splits: Mapping[str, Any]) -> None:
    from ftcore.cli.tables import print_table

    rows = [
        [
            split,
            str(part["rows"]),
            str(part["rejected_rows"]),
            _share(part["duplicates"], part["rows"]),
            _share(part["truncated"], part["rows"]),
            f"{part['tokens_per_row']:.1f}",
        ]
        for split, part in splits.items()
    ]
    print_table(["split", "rows", "bad rows", "duplicates", "truncated", "tokens a row"], rows)
    for split, part in splits.items():
        if part["unread_words"]:
            typer.echo(
                f"not read    {part['unread_words']} words of {split}: cut off by max_length, or without a token"
            )
    for part in splits.values():
        for rejection in part["rejected"]:
            typer.echo(f"bad row     {rejection}")


def _print_overlap(overlap: Mapping[str, int]) -> None:
    for pair, count in overlap.items():
        one, other = pair.split("/")
        typer.echo(f"overlap     {count} rows of {other} are in {one} too")


def _print_labels(labels: list[str], splits: Mapping[str, Any]) -> None:
    from ftcore.cli.tables import print_table

    if labels and any(part["per_label"] for part in splits.values()):
        rows = [[label, *(str(part["per_label"].get(label, 0)) for part in splits.values())] for label in labels]
        print_table([f"{len(labels)} labels", *splits], rows)


def _print_model(model: Mapping[str, Any]) -> None:
    if "module" in model:
        typer.echo(f"model       {model['module']}: code of {model['file']}, not run here")
        return
    origin = f"pretrained, {model['dtype']}" if model["pretrained"] else "from scratch"
    typer.echo(f"model       {model['family']} ({origin})")
    typer.echo(f"parameters  {model['parameters']:,}, trainable {model['trainable']:,}")
    if model["pretrained"]:
        from ftcore.runs import listed_names

        typer.echo(f"new         {listed_names(model['new']) or 'none'}")
        typer.echo(f"not used    {listed_names(model['ignored']) or 'none'}")


def _print_training(training: Mapping[str, Any]) -> None:
    from ftcore.report import size

    typer.echo(
        f"training    {training['steps']} steps of {training['batch_size']} examples, evaluated every "
        f"{training['evaluate_every']}; best by {training['best_metric']}"
    )
    typer.echo(
        f"            {training['loss']}, {training['optimizer']} at {training['learning_rate']:g}, "
        f"{training['schedule']} after {training['warmup_steps']} warm-up steps"
    )
    if training["step_bytes"] is not None:
        typer.echo(
            f"memory      about {size(training['step_bytes'])} a step; {size(training['checkpoint_bytes'])} of disk a "
            "checkpoint"
        )


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else str(part)
