"""Ids that callers see: the kind of thing, the case that it belongs to, and its number in the case."""

import re
from dataclasses import dataclass
from uuid import UUID

_ID = re.compile(r"(case|task|entry|event|org|clock)_([0-9a-f]{32})(?:_([1-9][0-9]{0,17}))?", re.ASCII)
_NUMBERED = {"task", "entry", "event"}


@dataclass(frozen=True, slots=True)
class NodeId:
    """kind is case, task, entry (of the ledger), event (of the plan), org or clock; uuid is the case's, of an org and a
    clock their own; number is 0 where there is none."""

    kind: str
    uuid: UUID
    number: int = 0

    def __str__(self) -> str:
        return f"{self.kind}_{self.uuid.hex}" + (f"_{self.number}" if self.kind in _NUMBERED else "")


def parse_id(text: str) -> NodeId | None:
    """None for anything that is no id; an id that parses need not exist."""
    found = _ID.fullmatch(text)
    if found is None or (found[1] in _NUMBERED) != (found[3] is not None):
        return None
    return NodeId(found[1], UUID(hex=found[2]), int(found[3] or 0))


@dataclass(frozen=True, slots=True)
class InvoiceId:
    """case: the one whose part of the invoice is meant; None: the whole."""

    uuid: UUID
    case: UUID | None = None

    def __str__(self) -> str:
        return f"invoice_{self.uuid.hex}" + ("" if self.case is None else f"_{self.case.hex}")


_INVOICE = re.compile(r"invoice_([0-9a-f]{32})(?:_([0-9a-f]{32}))?", re.ASCII)


def parse_invoice_id(text: str) -> InvoiceId | None:
    """None: it is no id of an invoice."""
    found = _INVOICE.fullmatch(text)
    return None if found is None else InvoiceId(UUID(hex=found[1]), None if found[2] is None else UUID(hex=found[2]))


@dataclass(frozen=True, slots=True)
class InvoiceLineId:
    """number: of the line, in its case."""

    case: UUID
    number: int

    def __str__(self) -> str:
        return f"line_{self.case.hex}_{self.number}"


_LINE = re.compile(r"line_([0-9a-f]{32})_([1-9][0-9]{0,17})", re.ASCII)


def parse_line_id(text: str) -> InvoiceLineId | None:
    """None: it is no id of a line of an invoice."""
    found = _LINE.fullmatch(text)
    return None if found is None else InvoiceLineId(UUID(hex=found[1]), int(found[2]))
