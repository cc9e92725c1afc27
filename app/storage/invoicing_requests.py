"""What people have asked for who may not be invoiced monthly yet: the work list of operators (C7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.storage.reads import Reader
from app.storage.tables import callers, cases, invoicing_requests as requests, organizations


@dataclass(frozen=True, slots=True)
class InvoicingRequest:
    """details: as they stood when it was asked. contracted: whether the organization is on the list by now."""

    request_id: int
    asked_at: datetime
    done_at: datetime | None
    done_by: str | None
    details: Mapping[str, str]
    organization_uuid: UUID
    contracted: bool


async def store_request(
    connection: AsyncConnection, case_id: int, caller_id: int, details: Mapping[str, str], now: datetime
) -> int | None:
    """Its id. None: one of the case is open already, and stays as it is."""
    wanted = insert(requests).values(case_id=case_id, caller_id=caller_id, asked_at=now, details=dict(details))
    once = wanted.on_conflict_do_nothing(index_elements=["case_id"], index_where=requests.c.done_at.is_(None))
    found: int | None = (await connection.execute(once.returning(requests.c.request_id))).scalar_one_or_none()
    return found


async def finish_request(connection: AsyncConnection, request_id: int, caller_id: int, now: datetime) -> bool:
    """False: there is no such request, or it was done before."""
    open_one = update(requests).where(requests.c.request_id == request_id, requests.c.done_at.is_(None))
    return (await connection.execute(open_one.values(done_at=now, done_by=caller_id))).rowcount == 1


_OPEN_SINCE = select(requests.c.asked_at).where(
    requests.c.case_id == bindparam("of_case"), requests.c.done_at.is_(None)
)


async def open_since(connection: Reader, case_id: int) -> datetime | None:
    """When the open request of a case was made; None: it has none."""
    found: datetime | None = (await connection.execute(_OPEN_SINCE, {"of_case": case_id})).scalar_one_or_none()
    return found


_doer = callers.alias()
_SELECT = (
    select(
        requests.c.request_id, requests.c.asked_at, requests.c.done_at, _doer.c.name.label("done_by"),
        requests.c.details, organizations.c.uuid.label("organization_uuid"),
        organizations.c.monthly_invoicing.label("contracted"),
    )
    .join_from(requests, cases, cases.c.case_id == requests.c.case_id)
    .join(organizations, organizations.c.organization_id == cases.c.organization_id)
    .outerjoin(_doer, _doer.c.caller_id == requests.c.done_by)
    .limit(bindparam("most"))
)  # fmt: skip
_OPEN = _SELECT.where(requests.c.done_at.is_(None)).order_by(requests.c.request_id)
_DONE = _SELECT.where(requests.c.done_at.is_not(None)).order_by(requests.c.done_at.desc())


async def list_open(connection: Reader, *, most: int) -> list[InvoicingRequest]:
    """What is to be done, the oldest first."""
    return [InvoicingRequest(**row._asdict()) for row in await connection.execute(_OPEN, {"most": most})]


async def list_done(connection: Reader, *, most: int) -> list[InvoicingRequest]:
    """What was done, the latest first."""
    return [InvoicingRequest(**row._asdict()) for row in await connection.execute(_DONE, {"most": most})]


_COUNT = select(func.count()).select_from(requests).where(requests.c.done_at.is_(None))


async def count_open(connection: Reader) -> int:
    return int((await connection.execute(_COUNT)).scalar_one())
