"""Saved cards of the simulated processor: to see what becomes of a charge that is declined (C8)."""

from uuid import UUID

import click

from app.runtime.cli.session import with_ports
from app.services.simulated_payments import set_card


@click.command("simulated-card")
@click.argument("case", type=click.UUID)
@click.option("--declines/--pays", required=True, help="What becomes of its next charges.")
def simulated_card(case: UUID, declines: bool) -> None:
    """Let the saved card of a CASE, named by its UUID, be declined or pay, where cards are simulated."""
    if not with_ports(lambda ports: set_card(ports, case, declines=declines)):
        raise click.ClickException("There is no such case.")
