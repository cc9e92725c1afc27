"""What several checks read: dates of 09:00s, cycles with their plan, and the tank as each entry left it."""

from app.domain.plans import CATALOGUES


def due_day(instant: str) -> str:
    """The last New York date whose 09:00 has come at an instant (L4)."""
    return f"(({instant}) at time zone 'America/New_York' - interval '9 hours')::date"


def nine(day: str) -> str:
    """09:00 New York wall time of a date."""
    return f"(({day}) + time '09:00') at time zone 'America/New_York'"


def planned_end(cycle: str) -> str:
    """When a cycle ends unless it is cut: 00:00 of its anchor day in the next month, or of the last day there (C1)."""
    following = f"(date_trunc('month', {cycle}.starts_at at time zone 'America/New_York') + interval '1 month')"
    last = f"({following} + interval '1 month - 1 day')"
    return f"least({following} + {cycle}.anchor_day * interval '1 day' - interval '1 day', {last}) " \
        "at time zone 'America/New_York'"  # fmt: skip


def number(day: str) -> str:
    """A date as a difference shows it, 20260303."""
    return f"to_char({day}, 'YYYYMMDD')::bigint"


def microseconds(instant: str) -> str:
    """An instant as a difference shows it."""
    return f"(extract(epoch from {instant}) * 1000000)::bigint"


def rank(tier: str) -> str:
    """A tier as a difference shows it: 1 for the cheapest."""
    return f"array_position(enum_range(null::plan_tier), {tier})"


def case_of(invoice: str) -> str:
    """Where a difference of an invoice is told: at its case, or at the first of its organization."""
    first = f"(select min(case_id) from cases c where c.organization_id = {invoice}.organization_id)"
    return f"coalesce({invoice}.case_id, {first})"


def _value(limit: int | None) -> str:
    return "null" if limit is None else str(limit)


PLANS = ", ".join(
    f"({version}, '{plan.tier}'::plan_tier, {_value(plan.cap)}::bigint, {_value(plan.daily_refill)}::bigint,"
    f" {plan.monthly_price.amount * 100:.0f}::bigint)"
    for version, catalogue in CATALOGUES.items()
    for plan in catalogue.values()
)
"""Rows of catalogue, tier, cap, daily refill and monthly price in cents; null is unlimited."""

OPENINGS = "('ACTIVATED', 'REACTIVATED', 'UPGRADED', 'DOWNGRADED', 'RENEWED')"
"""Events that each open a cycle."""

CYCLES = f"""(
    select c.*, p.cap, p.refill, p.price, o.kind as opened_by
    from cycles c
    left join (values {PLANS}) p (catalogue, tier, cap, refill, price) using (catalogue, tier)
    left join plan_changes o on o.case_id = c.case_id and o.cycle_number = c.number and o.kind in {OPENINGS}
)"""
"""Cycles with the limits of their plan and the event that opened them."""

TANKS = f"""(
    with entry as materialized (
        select *, (sum(purchased_change) over entries)::bigint as purchased, balance_after - balance_change as balance,
            balance_after + held_after - (sum(purchased_change) over entries)::bigint as granted,
            lead(occurred_at) over entries as next_at, lead(cycle_number) over entries as next_cycle,
            lead(kind) over entries as next_kind
        from ledger_entries window entries as (partition by case_id order by sequence)
    )
    select e.*, c.number as cycle, c.cap, c.refill, c.opened_by, true as entered, e.occurred_at as since,
        least(case when c.number = e.next_cycle then e.next_at end, c.ends_at) as until
    from entry e
    join {CYCLES} c on c.case_id = e.case_id and c.number = e.cycle_number
    union all
    select e.*, c.number, c.cap, c.refill, c.opened_by, false, c.starts_at,
        least(case when c.number = e.next_cycle then e.next_at end, c.ends_at)
    from entry e
    join {CYCLES} c on c.case_id = e.case_id and c.number > e.cycle_number
    where e.next_cycle is distinct from e.cycle_number and c.number <= coalesce(e.next_cycle, c.number)
)"""
"""The tank as each entry left it, once for every cycle in which it stood so, since and until these instants.

entered: the entry belongs to the cycle; else it left what the cycle began with, however late it was written. balance:
before the entry. granted: free and held tokens that were not bought (L2); null where unlimited.
"""
