"""Pages by keyset. The cursor of a row is its id, so that a cursor of another list is recognised."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from uuid import UUID

import strawberry

from app.domain.ids import parse_id, parse_invoice_id
from app.domain.refusals import Flaw, InvalidInput
from app.services.paging import Page, page_size
from gqlapi.context import Context
from gqlapi.scalars import BigInt

T = TypeVar("T")
R = TypeVar("R")


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    node: T
    cursor: str


@strawberry.type
class Connection(Generic[T]):
    edges: list[Edge[T]]
    page_info: PageInfo
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field
    async def total_count(self) -> BigInt:
        return await self.count()


def connect(
    page: Page[R],
    *,
    after: str | None,
    node: Callable[[R], T],
    cursor: Callable[[R], str],
    count: Callable[[], Awaitable[int]],
) -> Connection[T]:
    """A page of rows as the contract shows it; rows are counted only when somebody asks."""
    edges = [Edge(node=node(row), cursor=cursor(row)) for row in page.rows]
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info, count=count)


def size_of(context: Context, first: int | None) -> int:
    """RequestError INVALID_INPUT outside 1..100."""
    size = page_size(first)
    if isinstance(size, InvalidInput):
        raise context.failure(size)
    return size


def not_a_cursor(context: Context) -> Exception:
    return context.failure(InvalidInput("after", Flaw.NOT_A_CURSOR))


def number_after(context: Context, after: str | None, kind: str, case: object) -> int | None:
    """The number that a cursor of this case's list stands for; RequestError INVALID_INPUT for any other text."""
    if after is None:
        return None
    node = parse_id(after)
    if node is None or node.kind != kind or node.uuid != case:
        raise not_a_cursor(context)
    return node.number


def invoice_after(context: Context, after: str | None, case: UUID | None) -> UUID | None:
    """The invoice that a cursor of this case's list, or of an organization's, names; RequestError for any other."""
    if after is None:
        return None
    named = parse_invoice_id(after)
    if named is None or named.case not in (None, case):
        raise not_a_cursor(context)
    return named.uuid
