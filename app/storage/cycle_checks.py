"""What the check asks of cycles (C1, C4): one after the other, each as long as its anchor says unless it was cut."""

from app.storage.check_views import CYCLES, OPENINGS, microseconds, planned_end, rank

_CUTS = "('UPGRADED', 'DEACTIVATED')"


CYCLE_CHECKS = {
    "Cycles are numbered without gaps": """
        select case_id, format('cycle %s: number', number), number, position
        from (select *, row_number() over (partition by case_id order by number) as position from cycles) c
        where number <> position
    """,
    "A cycle begins where the one before ends, unless the case was inactive between": f"""
        select c.case_id, format('cycle %s: start', c.number), {microseconds("c.starts_at")},
            {microseconds("b.ends_at")}
        from {CYCLES} c
        join cycles b on b.case_id = c.case_id and b.number = c.number - 1
        where case when c.opened_by = 'REACTIVATED' then c.starts_at < b.ends_at else c.starts_at <> b.ends_at end
    """,
    "A cycle ends on its anchor day, or where an upgrade or a deactivation cut it": f"""
        select c.case_id, format('cycle %s: end', c.number), {microseconds("c.ends_at")},
            {microseconds("coalesce(e.occurred_at, f.planned)")}
        from cycles c
        left join plan_changes e on e.case_id = c.case_id and e.kind in {_CUTS}
            and e.cycle_number = c.number + (e.kind = 'UPGRADED')::int
        cross join lateral (values ({planned_end("c")})) f (planned)
        where c.ends_at <> coalesce(e.occurred_at, f.planned) or c.ends_at > f.planned
    """,
    "Cycles keep their anchor day until a plan begins anew": f"""
        select c.case_id, format('cycle %s: anchor day', c.number), c.anchor_day, f.anchor
        from {CYCLES} c
        left join cycles b on b.case_id = c.case_id and b.number = c.number - 1
        cross join lateral (values (
            case when c.opened_by in ('RENEWED', 'DOWNGRADED') then b.anchor_day
                else extract(day from c.starts_at at time zone 'America/New_York') end
        )) f (anchor)
        where c.anchor_day <> f.anchor
    """,
    "A cycle is opened by one event, at its start, on its plan": f"""
        select c.case_id, format('cycle %s: %s', c.number, f.what), f.stored, f.expected
        from cycles c
        left join (
            select case_id, cycle_number as number, count(*) as openings, min(occurred_at) as opened_at,
                min(tier) as tier
            from plan_changes where kind in {OPENINGS} group by case_id, cycle_number
        ) o using (case_id, number)
        cross join lateral (values
            ('openings', coalesce(o.openings, 0), 1), ('opened', {microseconds("o.opened_at")},
                {microseconds("c.starts_at")}),
            ('tier', {rank("o.tier")}, {rank("c.tier")})
        ) f (what, stored, expected)
        where f.stored <> f.expected
    """,
    "An active case knows the end of its open cycle": f"""
        select r.case_id, 'cycle end', {microseconds("r.cycle_ends_at")}, {microseconds("c.ends_at")}
        from reservoirs r
        join cycles c on c.case_id = r.case_id and c.number = r.cycle_number
        where r.status = 'ACTIVE' and r.cycle_ends_at is distinct from c.ends_at
    """,
    "On a test clock no cycle has ended that is not followed by the next": f"""
        select r.case_id, 'cycle end', {microseconds("r.cycle_ends_at")}, {microseconds("k.now")}
        from reservoirs r join test_clocks k using (clock_id)
        where r.cycle_ends_at <= k.now
    """,
    "No entry is older than its cycle": f"""
        select e.case_id, format('entry %s: before its cycle', e.sequence), {microseconds("e.occurred_at")},
            {microseconds("c.starts_at")}
        from ledger_rows e join cycles c on c.case_id = e.case_id and c.number = e.cycle_number
        where e.occurred_at < c.starts_at
    """,
}  # fmt: skip
