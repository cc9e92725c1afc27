"""Things with an id."""

import re
from dataclasses import dataclass
from uuid import UUID

import strawberry

from app.domain.ids import parse_id


@strawberry.interface
class Node:
    id: strawberry.ID


@dataclass(frozen=True, slots=True)
class InvoiceId:
    """case: the one whose part of the invoice is meant; None: the whole."""

    uuid: UUID
    case: UUID | None = None

    def __str__(self) -> str:
        return f"invoice_{self.uuid.hex}" + ("" if self.case is None else f"_{self.case.hex}")


_INVOICE = re.compile(r"invoice_([0-9a-f]{32})(?:_([0-9a-f]{32}))?", re.ASCII)


def invoice_of(text: str) -> InvoiceId | None:
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


def line_of(text: str) -> InvoiceLineId | None:
    """None: it is no id of a line of an invoice."""
    found = _LINE.fullmatch(text)
    return None if found is None else InvoiceLineId(UUID(hex=found[1]), int(found[2]))


def case_of(text: str) -> UUID | None:
    """The case that an id names; None: it is no id of a case."""
    node = parse_id(text)
    return node.uuid if node is not None and node.kind == "case" else None


def task_of(text: str) -> tuple[UUID, int] | tuple[None, int]:
    """The case and the number that an id of a task names; (None, 0): it is no id of a task."""
    node = parse_id(text)
    return (node.uuid, node.number) if node is not None and node.kind == "task" else (None, 0)
