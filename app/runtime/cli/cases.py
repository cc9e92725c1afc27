"""How commands are told which case they are about."""

from uuid import UUID

import click

from app.domain.ids import parse_id

NO_CASE = "There is no such case."


def case_uuid(text: str) -> UUID:
    """The case of a UUID, or of an id of the API (case_...); ClickException where it is neither."""
    known = parse_id(text)
    if known is not None and known.kind == "case":
        return known.uuid
    try:
        return UUID(text)
    except ValueError:
        raise click.ClickException(NO_CASE) from None
