"""`ftcore spec schema`: prints the JSON Schema of a task spec."""

import json

import typer

EXAMPLES = """
Examples:

ftcore spec schema > task.schema.json

First line of a spec: # yaml-language-server: $schema=task.schema.json
"""


def command() -> None:
    """Print the JSON Schema of a task spec, so that editors can complete and check specs."""
    from ftcore.spec import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
