"""The least that could answer the same over HTTP: a Starlette route, a pool of psycopg, the same statements, JSON."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.domain import idempotency
from app.domain.cycles import due_day, plan_tokens
from app.domain.plans import PlanTier, plan
from app.services.keys import digest
from app.storage.database import HOT_CONNECTIONS
from tests.bench.http_year import MONTHS

AUTHENTICATE = """
select c.caller_id, c.name, k.role, c.organization_id
from api_keys k join callers c using (caller_id)
where k.digest = %s and k.revoked_at is null
"""
TERMS = "select case_id, organization_id, terms_version from cases join reservoirs using (case_id) where uuid = %s"
CREATE_TASK = """
select verdict, (task).number, (task).name, (task).status, (task).documents, (task).succeeded, (task).failed,
    (task).skipped, (task).reserved, (task).charged, (task).refunded, (task).overage
from create_task(%s, %s, %s, %s, %s, false, 'SCAN', 'BULK', 'TEXT', 1::smallint, %s, null, %s, '{1,1,1,1}',
    9007199254740991, %s, 7500)
"""
CASE = """
select * from cases c join reservoirs r on r.case_id = c.case_id
join organizations o on o.organization_id = c.organization_id where c.uuid = %s
"""
USAGE = """
select c.*, u.charged, u.overage from cycles c cross join lateral (
    select jsonb_object_agg(category, charged) as charged, sum(overage)::bigint as overage
    from cycle_usage where case_id = c.case_id and cycle_number = c.number
) u
where c.case_id = %(case)s
    and c.month in (select distinct month from cycles where case_id = %(case)s order by month desc limit 13)
order by c.number
"""


def bare_app(url: str) -> Starlette:
    pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
        url, min_size=HOT_CONNECTIONS, max_size=HOT_CONNECTIONS, open=False,
        kwargs={"autocommit": True, "row_factory": dict_row},
    )  # fmt: skip
    terms: dict[UUID, DictRow] = {}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with pool:
            yield

    async def create_task(request: Request) -> Response:
        asked = await request.json()
        uuid, documents = UUID(asked["case"]), int(asked["documents"])
        async with pool.connection() as connection:
            caller = await _caller(connection, request)
            if uuid not in terms:
                terms[uuid] = await _one(connection, TERMS, (uuid,))
            known = terms[uuid]
            key = idempotency.request(caller["caller_id"], "createTask", asked["key"], (documents,))
            task = await _one(connection, CREATE_TASK, (
                known["case_id"], caller["caller_id"], key.key, datetime.now(UTC), known["terms_version"],
                documents, documents, due_day(datetime.now(UTC)),
            ))  # fmt: skip
        return JSONResponse({"id": f"{uuid}:{task['number']}", **task})

    async def usage(request: Request) -> Response:
        uuid = UUID((await request.json())["case"])
        async with pool.connection() as connection:
            await _caller(connection, request)
            case_id = (await _one(connection, CASE, (uuid,)))["case_id"]
            rows = await _all(connection, USAGE, {"case": case_id})
        return JSONResponse({"months": _months(rows)})

    return Starlette(
        routes=[Route("/tasks", create_task, methods=["POST"]), Route("/usage", usage, methods=["POST"])],
        lifespan=lifespan,
    )


def _months(rows: list[DictRow]) -> list[dict[str, Any]]:
    """Newest first, every field of the query that the others answer."""
    found: dict[date, list[DictRow]] = defaultdict(list)
    for row in rows:
        found[row["month"]].append(row)
    names = [month.isoformat()[:7] for month in found]
    return [
        _month(
            parts, names[place - 1] if place else None, names[place], names[place + 1] if names[place + 1 :] else None
        )
        for place, parts in reversed(list(enumerate(found.values())))
    ][:MONTHS]


def _month(parts: list[DictRow], previous: str | None, name: str, following: str | None) -> dict[str, Any]:
    ceilings = [
        plan_tokens(plan(part["tier"], part["catalogue"]), part["starts_at"], part["ends_at"]) for part in parts
    ]
    consumed = sum(sum(part["charged"].values()) for part in parts)
    tokens: dict[str, int] = defaultdict(int)
    for part in parts:
        for category, charged in part["charged"].items():
            tokens[category] += charged
    return {
        "month": name,
        "startsAt": parts[0]["starts_at"].isoformat(),
        "endsAt": parts[-1]["ends_at"].isoformat(),
        "cycles": [
            {
                "startsAt": part["starts_at"].isoformat(),
                "endsAt": part["ends_at"].isoformat(),
                "tier": part["tier"],
                "month": name,
            }
            for part in parts
        ],
        "highestTier": max((PlanTier(part["tier"]) for part in parts), key=lambda tier: tier.rank),
        "planTokens": None if None in ceilings else sum(ceiling or 0 for ceiling in ceilings),
        "grantedTokens": sum(part["granted"] for part in parts),
        "consumedTokens": consumed,
        "overageTokens": sum(part["overage"] for part in parts),
        "byCategory": [
            {"category": category, "tokens": used, "share": used / consumed}
            for category, used in sorted(tokens.items(), key=lambda item: -item[1])
        ],
        "previous": previous,
        "next": following,
    }


async def _caller(connection: AsyncConnection[DictRow], request: Request) -> DictRow:
    key = request.headers["authorization"].removeprefix("Bearer ")
    return await _one(connection, AUTHENTICATE, (digest(key),))


async def _one(connection: AsyncConnection[DictRow], statement: str, values: Any) -> DictRow:
    [row] = await _all(connection, statement, values)
    return row


async def _all(connection: AsyncConnection[DictRow], statement: str, values: Any) -> list[DictRow]:
    return await (await connection.execute(statement, values, prepare=True)).fetchall()
