"""What the check asks of refills (L4): none too many, none missing, each of the size that the tank had room for."""

from app.storage.check_views import PLANS, TANKS, due_day, microseconds, nine, number

_ROOM = "greatest(0, least(t.refill, t.cap - {granted}))"
"""What a refill adds, where both limits are known: null is passed over by these functions."""

_COMMANDS = f"""(
    select case_id, occurred_at from ledger_rows where kind = 'PURCHASE'
    union all
    select case_id, occurred_at from plan_changes p join callers a using (caller_id)
    where not (a.organization_id is null and a.name = 'scheduler')
    union all
    select case_id, {nine("refill_date")} from ledger_rows where refill_date is not null
)"""
"""When a case is known to have been up to date."""

REFILL_CHECKS = {
    "Every 09:00 of a plan with refills has its refill, or no room for one, or was an outage": f"""
        select t.case_id, format('%s: refill', t.last + passed.days), 0::bigint, t.tokens
        from (
            select t.case_id, {_ROOM.format(granted="t.granted")} as tokens, k.now as clock,
                {due_day("t.since")} as last,
                least({due_day("least(t.until, k.now)")}, case when k.now is null then r.refilled_on end) as done
            from {TANKS} t
            join reservoirs r using (case_id)
            left join test_clocks k using (clock_id)
            where t.refill > 0 and t.granted < t.cap
        ) t
        cross join lateral generate_series(1, t.done - t.last) passed (days)
        left join ledger_rows e on e.case_id = t.case_id and e.refill_date = t.last + passed.days
        left join outages o on o.day = t.last + passed.days and t.clock is null
        where e.case_id is null and o.day is null
    """,
    "A refill adds what the tank has room for": f"""
        select case_id, format('entry %s: refill', sequence), balance_change, room
        from {TANKS} t
        cross join lateral (values (
            case when t.refill > 0 then {_ROOM.format(granted="(t.granted - t.balance_change)")} else 0 end
        )) f (room)
        where kind = 'DAILY_REFILL' and entered and balance_change is distinct from room
    """,
    "A refill stands for a 09:00 of its cycle that had come, on a date that was not over": f"""
        select e.case_id, format('entry %s: date', e.sequence), {number("e.refill_date")},
            {number("nullif(f.today, e.refill_date)")}
        from ledger_rows e
        join cycles c on c.case_id = e.case_id and c.number = e.cycle_number
        cross join lateral (values (
            {nine("e.refill_date")}, (e.occurred_at at time zone 'America/New_York')::date
        )) f (due, today)
        where e.kind = 'DAILY_REFILL'
            and not (f.due > c.starts_at and f.due <= e.occurred_at and f.today = e.refill_date)
    """,
    "A case has one refill a date": """
        select case_id, format('%s: refills', refill_date), count(*), 1::bigint
        from ledger_rows where refill_date is not null
        group by case_id, refill_date having count(*) > 1
    """,
    "On a test clock a refill comes at 09:00 to the second, before any command": f"""
        select e.case_id, format('entry %s: %s', e.sequence, f.what), f.stored, f.expected
        from (
            select *, max(occurred_at) filter (
                where caller_id <> (select caller_id from callers where organization_id is null and name = 'scheduler')
            ) over (partition by case_id order by sequence rows between unbounded preceding and 1 preceding) as command
            from ledger_rows
            where case_id in (select case_id from reservoirs where clock_id is not null)
        ) e
        cross join lateral (values ({nine("e.refill_date")})) d (due)
        cross join lateral (values
            ('time', {microseconds("e.occurred_at")}, {microseconds("d.due")}),
            ('commands before it', (e.command >= d.due)::int, 0)
        ) f (what, stored, expected)
        where e.kind = 'DAILY_REFILL' and f.stored <> f.expected
    """,
    "Refills are done up to the present of a case, and no further": f"""
        select r.case_id, 'refilled on', {number("r.refilled_on")}, case when p.refill > 0 then {number(
            "case when r.refilled_on > f.latest then f.latest else f.earliest end"
        )} end
        from reservoirs r
        left join test_clocks k using (clock_id)
        left join (values {PLANS}) p (catalogue, tier, cap, refill, price)
            on p.catalogue = r.catalogue and p.tier = r.tier
        left join (
            select case_id, max(occurred_at) as latest from {_COMMANDS} c group by case_id
        ) c on c.case_id = r.case_id
        cross join lateral (values (
            coalesce({due_day("coalesce(k.now, c.latest)")}, r.refilled_on), {due_day("coalesce(k.now, r.changed_at)")}
        )) f (earliest, latest)
        where case when p.refill > 0 then coalesce(r.refilled_on not between f.earliest and f.latest, true)
            else r.refilled_on is not null end
    """,
}  # fmt: skip
