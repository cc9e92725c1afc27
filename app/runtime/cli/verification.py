"""claira-usage verify."""

import sys

import click

from app.runtime.cli.session import with_ports
from app.services import verification


@click.command()
def verify() -> None:
    """Recompute every reservoir, task, month, invoice and payment; exit 1 and name each difference."""
    result = with_ports(verification.verify)
    for difference in result.differences:
        click.echo(
            f"case {difference.case}: {difference.what} is {difference.stored}, expected {difference.expected} "
            f"({difference.check})"
        )
    click.echo(
        f"{result.cases} cases, {result.entries} ledger entries: "
        + (f"{len(result.differences)} differences." if result.differences else "no difference.")
    )
    sys.exit(1 if result.differences else 0)
