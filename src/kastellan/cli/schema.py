"""`kastellan schema`: the JSON Schema of the stack configuration."""

import json

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of the stack configuration.

    An editor that reads it completes and checks stacks/Pulumi.STACK.yaml while you write.
    """
    from kastellan.config.json_schema import stack_schema

    click.echo(json.dumps(stack_schema(), indent=2, ensure_ascii=False))
