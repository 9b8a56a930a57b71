"""`kastellan schema`: the JSON Schemas of what people write and of what machines read."""

import json

import click


@click.command()
@click.argument("what", type=click.Choice(["stack", "preflight"]), default="stack")
def schema(what: str) -> None:
    """Print the JSON Schema of the stack configuration, or of the preflight's report.

    An editor that reads the first completes and checks stacks/Pulumi.STACK.yaml while you write.
    """
    if what == "stack":
        from kastellan.config.json_schema import stack_schema as made
    else:
        from kastellan.adapters.evidence.report_model import report_schema as made

    click.echo(json.dumps(made(), indent=2, ensure_ascii=False))
