"""Cases with their reservoirs and organizations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import ARRAY, Row, Select, Uuid, any_, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cases import Case, CaseStatus, Terms
from app.domain.clocks import TestClock
from app.domain.idempotency import Request
from app.domain.reservoirs import Reservoir
from app.storage.organizations import organization_from
from app.storage.reads import Reader
from app.storage.tables import cases, organizations, reservoirs, test_clocks

_clock_uuid = test_clocks.c.uuid.label("clock_uuid")
_clock_now = test_clocks.c.now.label("clock_now")
_SELECT = (
    select(cases, reservoirs, organizations, _clock_uuid, _clock_now)
    .join_from(cases, reservoirs)
    .join(organizations)
    .outerjoin(test_clocks, test_clocks.c.clock_id == reservoirs.c.clock_id)
)


def _case(row: Row[Any]) -> Case:
    of: Mapping[Any, Any] = row._mapping
    return Case(
        terms=Terms(
            case_id=of[cases.c.case_id],
            uuid=of[cases.c.uuid],
            organization_id=of[cases.c.organization_id],
            version=row.terms_version,
            status=row.status,
            tier=row.tier,
            catalogue=row.catalogue,
            overage_enabled=row.overage_enabled,
            auto_upgrade_allowed=row.auto_upgrade_allowed,
            clock_id=row.clock_id,
            overage_ceiling=row.overage_ceiling,
        ),
        organization=organization_from(row),
        name=of[cases.c.name],
        registered_at=row.registered_at,
        activated_at=row.activated_at,
        reservoir=Reservoir(balance=row.balance, held=row.held, purchased=row.purchased, cap=row.cap),
        refilled_on=row.refilled_on,
        tasks=row.tasks,
        entries=row.entries,
        cycle_ends_at=row.cycle_ends_at,
        clock=None if row.clock_id is None else TestClock(row.clock_id, row.clock_uuid, row.clock_now),
    )


_OF_UUID = _SELECT.where(cases.c.uuid == bindparam("wanted"))


async def find_case(connection: Reader, uuid: UUID) -> Case | None:
    row = (await connection.execute(_OF_UUID, {"wanted": uuid})).one_or_none()
    return None if row is None else _case(row)


_OF_UUIDS = _SELECT.where(cases.c.uuid == any_(bindparam("uuids", type_=ARRAY(Uuid))))


async def find_cases(connection: Reader, uuids: Sequence[UUID]) -> dict[UUID, Case]:
    """Cases by their uuid; those that do not exist are left out."""
    found = map(_case, await connection.execute(_OF_UUIDS, {"uuids": list(uuids)}))
    return {case.terms.uuid: case for case in found}


async def lock_case(connection: AsyncConnection, case_id: int, now: datetime) -> tuple[Case, datetime]:
    """The case with its reservoir locked until the end of the transaction, as it stands once the lock is had.

    Also the instant of what is now done to it: time never runs backwards within a case.
    """
    locked = select(reservoirs.c.changed_at).where(reservoirs.c.case_id == case_id).with_for_update(key_share=True)
    changed_at = (await connection.execute(locked)).scalar_one()
    return await read_case(connection, case_id), max(now, changed_at)


_BY_ID = _SELECT.where(cases.c.case_id == bindparam("wanted"))


async def read_case(connection: AsyncConnection, case_id: int) -> Case:
    """A case that exists, as this transaction sees it."""
    return _case((await connection.execute(_BY_ID, {"wanted": case_id})).one())


def _visible(query: Select[Any], status: CaseStatus | None, given: frozenset[str]) -> Select[Any]:
    """given: what else the cases are chosen by. Takes values of these names."""
    if "organization" in given:
        query = query.where(cases.c.organization_id == bindparam("organization"))
    if "search" in given:
        query = query.where(cases.c.name.icontains(bindparam("search"), escape="/"))
    if status is not None:
        query = query.where(reservoirs.c.status == status)
    return query


def _asked(organization_id: int | None, search: str | None, after: UUID | None = None) -> dict[str, Any]:
    literally = search and search.replace("/", "//").replace("%", "/%").replace("_", "/_")
    values = {"organization": organization_id, "search": literally or None, "after": after}
    return {name: value for name, value in values.items() if value is not None}


@cache
def _page(status: CaseStatus | None, given: frozenset[str]) -> Select[Any]:
    query = _visible(_SELECT, status, given).order_by(cases.c.case_id.desc()).limit(bindparam("most"))
    if "after" not in given:
        return query
    # A case of somebody else's is no place in this list (A2).
    start = _visible(select(cases.c.case_id), None, given - {"search"}).where(cases.c.uuid == bindparam("after"))
    return query.where(cases.c.case_id < start.scalar_subquery())


@cache
def _count(status: CaseStatus | None, given: frozenset[str]) -> Select[Any]:
    return _visible(select(func.count()).select_from(cases.join(reservoirs)), status, given)


async def page_of_cases(
    connection: Reader,
    *,
    organization_id: int | None,
    search: str | None,
    status: CaseStatus | None,
    after: UUID | None,
    limit: int,
) -> list[Case]:
    """Newest first, after the one named. organization_id None: of every organization."""
    asked = _asked(organization_id, search, after)
    rows = await connection.execute(_page(status, frozenset(asked)), {**asked, "most": limit})
    return [_case(row) for row in rows]


async def count_cases(
    connection: Reader, *, organization_id: int | None, search: str | None, status: CaseStatus | None
) -> int:
    asked = _asked(organization_id, search)
    return int((await connection.execute(_count(status, frozenset(asked)), asked)).scalar_one())


_REGISTERED = select(cases.c.uuid, cases.c.registration_input).where(cases.c.registration_key == bindparam("key"))


async def find_registration(connection: Reader, key: UUID) -> tuple[UUID, UUID] | None:
    """The case that was registered under this key, and the digest of the input it was registered with (K1)."""
    row = (await connection.execute(_REGISTERED, {"key": key})).one_or_none()
    return None if row is None else (row.uuid, row.registration_input)


class CaseTaken(Exception):
    """The uuid or the key of a registration is already in use."""


async def store_case(
    connection: AsyncConnection,
    *,
    uuid: UUID,
    name: str,
    organization_id: int,
    clock: TestClock | None,
    request: Request,
    now: datetime,
) -> None:
    """A new case with an empty reservoir; CaseTaken where its uuid or its key is."""
    statement = (
        insert(cases)
        .values(
            uuid=uuid,
            organization_id=organization_id,
            name=name,
            registered_at=now,
            registration_key=request.key,
            registration_input=request.input,
        )
        .returning(cases.c.case_id)
    )
    try:
        case_id = (await connection.execute(statement)).scalar_one()
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation):
            raise CaseTaken from error
        raise
    clock_id = None if clock is None else clock.clock_id
    await connection.execute(insert(reservoirs).values(case_id=case_id, changed_at=now, clock_id=clock_id))


async def store_settings(
    connection: AsyncConnection,
    case_id: int,
    *,
    overage_enabled: bool,
    auto_upgrade_allowed: bool,
    overage_ceiling: int | None,
) -> None:
    await connection.execute(
        update(reservoirs)
        .where(reservoirs.c.case_id == case_id)
        .values(
            overage_enabled=overage_enabled,
            auto_upgrade_allowed=auto_upgrade_allowed,
            overage_ceiling=overage_ceiling,
            terms_version=reservoirs.c.terms_version + 1,
        )
    )
