"""What the check asks of the plan timeline (C2, C3): the order of its events, their tiers, what waits, and credits."""

from app.storage.check_views import CYCLES, OPENINGS, planned_end, rank

_EVENTS = f"""(
    select p.*, lag(p.kind) over events as previous, lag(p.tier) over events as previous_tier,
        lag(p.occurred_at) over events as previous_at, row_number() over events as position, b.tier as current
    from plan_changes p
    left join cycles b on b.case_id = p.case_id and b.number = p.cycle_number - (p.kind in {OPENINGS})::int
    window events as (partition by p.case_id order by p.number)
)"""
"""Events with the one before, and the tier that the case was on before it."""


PLAN_CHECKS = {
    "Events of a plan are numbered without gaps, in the order of time": f"""
        select case_id, format('event %s: %s', number, f.what), f.stored, f.expected
        from {_EVENTS} p
        cross join lateral (values
            ('number', number, position), ('earlier than the one before', (occurred_at < previous_at)::int, 0)
        ) f (what, stored, expected)
        where f.stored <> f.expected
    """,
    "Events of a plan follow from each other": f"""
        select case_id, format('event %s: %s after %s', number, kind, coalesce(previous::text, 'nothing')), number, null
        from {_EVENTS} p
        where not case
            when kind = 'ACTIVATED' then previous is null
            when previous is null then false
            when kind = 'REACTIVATED' then previous = 'DEACTIVATED'
            when kind = 'DOWNGRADE_CANCELLED' then previous = 'DOWNGRADE_SCHEDULED' and tier = previous_tier
            when kind = 'DOWNGRADED' then previous = 'DOWNGRADE_SCHEDULED' and tier = previous_tier
            when kind = 'RENEWED' then previous not in ('DOWNGRADE_SCHEDULED', 'DEACTIVATED')
            else previous <> 'DEACTIVATED'
        end
    """,
    "Events of a plan go up, down or nowhere, as they say": f"""
        select case_id, format('event %s: %s', number, f.what), f.stored, f.expected
        from {_EVENTS} p
        cross join lateral (values
            ('from tier', coalesce({rank("from_tier")}, 0), case
                when kind in ('ACTIVATED', 'REACTIVATED', 'RENEWED') then 0 else {rank("current")}
            end),
            ('direction', sign({rank("tier")} - {rank("current")}), case
                when kind = 'UPGRADED' then 1
                when kind in ('DOWNGRADE_SCHEDULED', 'DOWNGRADE_CANCELLED', 'DOWNGRADED') then -1
                when kind in ('RENEWED', 'DEACTIVATED') then 0
            end)
        ) f (what, stored, expected)
        where f.stored <> f.expected
    """,
    "A case stands as the last event of its plan left it": f"""
        select r.case_id, f.what, f.stored, f.expected
        from reservoirs r
        join cases c using (case_id)
        left join (
            select distinct on (case_id) * from plan_changes order by case_id, number desc
        ) p using (case_id)
        cross join lateral (values
            ('status', array_position(enum_range(null::case_status), r.status), case
                when p.kind is null then 1 when p.kind = 'DEACTIVATED' then 3 else 2
            end),
            ('cycle of the last event', r.cycle_number, coalesce(p.cycle_number, 0)),
            ('scheduled downgrade', coalesce({rank("c.scheduled_tier")}, 0),
                case when p.kind = 'DOWNGRADE_SCHEDULED' then {rank("p.tier")} else 0 end)
        ) f (what, stored, expected)
        where f.stored <> f.expected
    """,
    "An upgrade credits the unused days of the cycle that it cut, and nothing else is a credit": f"""
        select p.case_id, format('event %s: credit', p.number), (p.credit * 100)::bigint, coalesce(f.credit, 0)
        from plan_changes p
        left join {CYCLES} b on b.case_id = p.case_id and b.number = p.cycle_number - 1 and p.kind = 'UPGRADED'
        cross join lateral (values (
            ({planned_end("b")} at time zone 'America/New_York')::date,
            (b.starts_at at time zone 'America/New_York')::date,
            (p.occurred_at at time zone 'America/New_York')::date
        )) d (ends, starts, today)
        cross join lateral (values (b.price * (d.ends - d.today), d.ends - d.starts)) c (unused, days)
        cross join lateral (values (div(c.unused, c.days), mod(c.unused, c.days))) q (cents, rest)
        cross join lateral (values (
            q.cents + (2 * q.rest > c.days or 2 * q.rest = c.days and q.cents % 2 = 1)::int
        )) f (credit)
        where p.credit * 100 <> coalesce(f.credit, 0)
    """,
    "What upgrades gave was used on invoices, or is left": """
        select c.case_id, 'credit', f.credit, f.expected
        from cases c
        left join (select case_id, sum(credit) as given from plan_changes group by case_id) p using (case_id)
        left join (
            select case_id, -sum(amount) as used from invoice_lines where kind = 'PRORATION_CREDIT' group by case_id
        ) l using (case_id)
        cross join lateral (values (
            (c.credit_left * 100)::bigint, (coalesce(p.given, 0) * 100 - coalesce(l.used, 0))::bigint
        )) f (credit, expected)
        where case when c.first_billed_cycle = 1 then f.credit <> f.expected else f.credit > f.expected end
    """,
}  # fmt: skip
