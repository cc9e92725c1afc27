"""The check that recomputes everything from the ledger (L1, C6): each query answers the differences that it finds."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.ledger import GRANTS
from app.domain.plans import CATALOGUES
from app.storage.cycle_checks import CYCLE_CHECKS
from app.storage.invoice_checks import INVOICE_CHECKS
from app.storage.limit_checks import LIMIT_CHECKS
from app.storage.line_checks import LINE_CHECKS
from app.storage.payment_checks import PAYMENT_CHECKS
from app.storage.plan_checks import PLAN_CHECKS
from app.storage.refill_checks import REFILL_CHECKS
from app.storage.task_checks import TASK_CHECKS

_GRANTS = ", ".join(f"'{kind}'" for kind in GRANTS)
_PLANS = ", ".join(
    f"({version}, '{plan.tier}'::plan_tier, {'null' if plan.cap is None else plan.cap}::bigint)"
    for version, catalogue in CATALOGUES.items()
    for plan in catalogue.values()
)

_OF_PLANS = CYCLE_CHECKS | PLAN_CHECKS | REFILL_CHECKS | LIMIT_CHECKS
_OF_MONEY = LINE_CHECKS | INVOICE_CHECKS | PAYMENT_CHECKS
_CHECKS = TASK_CHECKS | _OF_PLANS | _OF_MONEY | {
    "The reservoir is the sum of its entries": """
        select r.case_id, format('%s', f.what), f.stored, f.summed
        from reservoirs r
        left join lateral (
            select sum(balance_change) as balance, sum(held_change) as held, sum(purchased_change) as purchased,
                count(*) as entries
            from ledger_entries e where e.case_id = r.case_id
        ) e on true
        cross join lateral (values
            ('balance', r.balance, coalesce(e.balance, 0)), ('held', r.held, coalesce(e.held, 0)),
            ('purchased', r.purchased, coalesce(e.purchased, 0)), ('entries', r.entries, e.entries)
        ) f (what, stored, summed)
        where f.stored <> f.summed and not (f.what = 'balance' and r.cap is null)
    """,
    "Entries follow each other without gaps, and their running sums hold": """
        select case_id, format('entry %s: %s', sequence, what), stored, expected
        from (
            select *, row_number() over entries as position, sum(held_change) over entries as held,
                case when balance_change is not null then sum(balance_change) over entries end as balance
            from ledger_entries window entries as (partition by case_id order by sequence)
        ) e
        cross join lateral (values
            ('sequence', e.sequence, e.position), ('held after', e.held_after, e.held),
            ('balance after', e.balance_after, e.balance)
        ) f (what, stored, expected)
        where f.stored is distinct from f.expected
    """,
    "A cycle's usage is the sum of its charges": """
        select case_id, format('cycle %s, %s: %s', cycle_number, category, f.what), f.stored, f.summed
        from cycle_usage u
        full join (
            select case_id, cycle_number, category, sum(overage_change - held_change) as charged,
                sum(overage_change) as overage
            from ledger_entries where kind = 'CHARGE' group by case_id, cycle_number, category
        ) e using (case_id, cycle_number, category)
        cross join lateral (values
            ('charged', coalesce(u.charged, 0), coalesce(e.charged, 0)),
            ('overage', coalesce(u.overage, 0), coalesce(e.overage, 0))
        ) f (what, stored, summed)
        where f.stored <> f.summed
    """,
    "What a cycle was granted is the sum of its fills and refills": """
        select c.case_id, format('cycle %s: granted', c.number), c.granted, coalesce(e.granted, 0)
        from cycles c
        left join (
            select case_id, cycle_number as number, sum(balance_change) as granted
            from ledger_entries
            where kind in (GRANTS)
            group by case_id, cycle_number
        ) e using (case_id, number)
        where c.granted <> coalesce(e.granted, 0)
    """.replace("GRANTS", _GRANTS),
    "A cycle belongs to the month in which it began": """
        select case_id, format('cycle %s: month', number), to_char(month, 'YYYYMM')::bigint,
            to_char(starts_at at time zone 'America/New_York', 'YYYYMM')::bigint
        from cycles
        where month <> date_trunc('month', starts_at at time zone 'America/New_York')::date
    """,
    "An active reservoir has the plan of its open cycle, and its cap": """
        select r.case_id, 'cap', r.cap, p.cap
        from reservoirs r
        join cycles c on c.case_id = r.case_id and c.number = r.cycle_number
        left join (values PLANS) p (catalogue, tier, cap) on p.catalogue = c.catalogue and p.tier = c.tier
        where r.status = 'ACTIVE'
            and (r.cap is distinct from p.cap or r.tier <> c.tier or r.catalogue <> c.catalogue)
    """.replace("PLANS", _PLANS),
    "Entries are in the order of time": """
        select case_id, format('entry %s: time', sequence), (extract(epoch from occurred_at) * 1000000)::bigint,
            (extract(epoch from previous) * 1000000)::bigint
        from (
            select *, lag(occurred_at) over (partition by case_id order by sequence) as previous from ledger_entries
        ) e
        where occurred_at < previous
    """,
    "Every entry has somebody who caused it": """
        select e.case_id, format('entry %s: caller', e.sequence), e.caller_id, null::bigint
        from ledger_entries e left join callers a using (caller_id)
        where a.caller_id is null
    """,
    "Every entry lies in a cycle of its case": """
        select e.case_id, format('entry %s: cycle', e.sequence), e.cycle_number, null::bigint
        from ledger_entries e left join cycles c on c.case_id = e.case_id and c.number = e.cycle_number
        where c.number is null
    """,
    "The open cycle is the latest": """
        select r.case_id, 'open cycle', r.cycle_number, c.latest
        from reservoirs r
        cross join lateral (
            select coalesce(max(number), 0) as latest from cycles c where c.case_id = r.case_id
        ) c
        where r.cycle_number <> c.latest
    """,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that the entries do not bear out. None: there is no such figure."""

    check: str
    case: str
    what: str
    stored: int | None
    expected: int | None


async def find_differences(connection: AsyncConnection) -> list[Difference]:
    """Runs every check over every case, on one snapshot, so that work going on meanwhile makes no difference."""
    await connection.execute(text("set transaction isolation level repeatable read, read only"))
    await connection.execute(text("set local work_mem = '256MB'"))  # checks sort every entry there is
    return await run_checks(connection)


async def run_checks(connection: AsyncConnection) -> list[Difference]:
    """Every check, on whatever the transaction sees."""
    found: list[Difference] = []
    for name, query in _CHECKS.items():
        rows = await connection.execute(
            text(f"select c.uuid, d.* from ({query}) d (case_id, what, stored, expected) join cases c using (case_id)")
        )
        found += [Difference(name, str(row.uuid), row.what, row.stored, row.expected) for row in rows]
    return found


async def count_verified(connection: AsyncConnection) -> tuple[int, int]:
    """How many cases and how many entries there are."""
    row = (
        await connection.execute(text("select (select count(*) from cases), (select count(*) from ledger_entries)"))
    ).one()
    return int(row[0]), int(row[1])
