"""Saved cards of the simulated processor: to see what becomes of a charge that is declined (C8)."""

import click

from app.runtime.cli.cases import NO_CASE, case_uuid
from app.runtime.cli.session import with_ports
from app.services.simulated_payments import set_card


@click.command("simulated-card")
@click.argument("case")
@click.option("--declines/--pays", required=True, help="What becomes of its next charges.")
def simulated_card(case: str, declines: bool) -> None:
    """Let the saved card of a CASE, named by its UUID or its id (case_...), be declined or pay, where cards are
    simulated."""
    uuid = case_uuid(case)
    if not with_ports(lambda ports: set_card(ports, uuid, declines=declines)):
        raise click.ClickException(NO_CASE)
    click.echo(f"The simulated card of case {uuid} {'is declined' if declines else 'pays'} from now on.")
