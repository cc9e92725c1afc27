"""Values out of addresses that anybody may have typed: read strictly, or known to be wrong."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from app.domain.plans import PlanTier
from app.domain.tasks import MOST_TOKENS

T = TypeVar("T")

NO_TASK: Mapping[str, str] = MappingProxyType({})
"""The values of a refused task, where there is none to come back to."""

_NUMBER = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_TYPED = re.compile(r"[-\N{MINUS SIGN}]?(?:[0-9]{1,3}(?:[,\s][0-9]{3})+|[0-9]+)")


class NotUnderstood(ValueError):
    """A value of an address means nothing there."""


def number_of(text: str) -> int:
    """A positive whole number that the database can hold."""
    if not _NUMBER.fullmatch(text) or int(text) > MOST_TOKENS:
        raise NotUnderstood
    return int(text)


def typed(text: str, most: int) -> str:
    """As much as a field takes, without what no page may hold."""
    return text[:most].replace("\0", "")


def typed_number(text: str) -> int | None:
    """A whole number as people of either language type it: 1,200 or 1 200; a comma elsewhere is a decimal one.

    Below 0 it is a number, too: whoever asked says what is allowed.
    """
    number = text.strip()
    if not _TYPED.fullmatch(number):
        return None
    return int(re.sub(r"[,\s]", "", number).replace("\N{MINUS SIGN}", "-"))


def asked(request: Request, name: str, read: Callable[[str], T]) -> T | None:
    """The value of a query's name, None where it is left out or empty; NotUnderstood where `read` cannot read it."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    try:
        return read(text)
    except (ValueError, KeyError) as error:
        raise NotUnderstood from error


def address(path: str, values: Mapping[str, object | None]) -> str:
    """The path with a query of the values that are not None."""
    query = urlencode({name: value for name, value in values.items() if value is not None})
    return f"{path}?{query}" if query else path


def invoicing_dialog(base: str, tier: PlanTier, task: Mapping[str, str] = NO_TASK) -> str:
    """Where it is said that the organization is not invoiced by the month, and what there is to do (C7).

    base: of the case. task: the values of one that was refused, to which it leads back.
    """
    return address(f"{base}/plan/invoicing", {"tier": tier, **task}) + "#notice"
