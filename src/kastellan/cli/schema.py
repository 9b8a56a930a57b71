"""`kastellan schema`: the JSON Schemas of what people write and of what machines read."""

import json

import click


@click.command()
@click.argument("what", type=click.Choice(["stack", "fleet", "preflight"]), default="stack")
def schema(what: str) -> None:
    """Print the JSON Schema of the stack configuration, of a fleet file, or of the preflight's report.

    An editor that reads one of the first two completes and checks the file while you write.
    """
    if what == "stack":
        from kastellan.config.json_schema import stack_schema as made
    elif what == "fleet":
        from kastellan.config.fleet_file import fleet_schema as made
    else:
        from kastellan.adapters.evidence.report_model import report_schema as made

    click.echo(json.dumps(made(), indent=2, ensure_ascii=False))
