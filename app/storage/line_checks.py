"""What the check asks of the lines of invoices (C2, C3, C6): what is billed, once and to the cent."""

from app.domain.money import cents
from app.domain.rates import OVERAGE_PRICE
from app.storage.check_views import CYCLES, microseconds, planned_end, rank

_PRICE = cents(OVERAGE_PRICE)

_LINES = """(
    select case_id, cycle_number as number, kind, count(*) as lines, sum(quantity) as tokens, sum(amount) as amount,
        min(effective_at) as effective_at
    from invoice_lines group by case_id, cycle_number, kind
)"""
"""What was billed of each kind for each cycle."""

_OVERAGE = """(
    select c.case_id, c.number, c.month, c.ends_at, case
        when c.number = k.first_billed_cycle - 1 and c.number = r.cycle_number and r.status = 'DEACTIVATED' then null
        when c.number < k.first_billed_cycle - 1 or c.number = r.cycle_number and r.status = 'ACTIVE' then 0
        else coalesce(u.overage, 0)
    end as overage
    from cycles c
    join cases k using (case_id)
    join reservoirs r using (case_id)
    left join (
        select case_id, cycle_number as number, sum(overage) as overage from cycle_usage group by case_id, cycle_number
    ) u using (case_id, number)
)"""
"""The overage of each cycle that its end has billed; that of an open one is none yet.

null: of a case that may have been deactivated before there were invoices.
"""

LINE_CHECKS = {
    "Every overage token of a cycle that has ended is on one line, and none of an open one": f"""
        select case_id, format('cycle %s: %s', number, f.what), f.stored, f.expected
        from {_OVERAGE} c
        full join (select * from {_LINES} l where kind = 'OVERAGE') l using (case_id, number)
        cross join lateral (values
            ('overage billed', coalesce(l.tokens, 0), case when c.case_id is null then 0 else c.overage end),
            ('overage lines', coalesce(l.lines, 0), (c.overage > 0)::int),
            ('plan-date of overage', {microseconds("l.effective_at")}, {microseconds("c.ends_at")} - 1)
        ) f (what, stored, expected)
        where f.stored <> f.expected
    """,
    "A month costs what its overage does": f"""
        select c.case_id, format('%s: overage in cents', to_char(c.month, 'YYYY-MM')),
            sum(coalesce(l.amount, 0))::bigint, ({_PRICE} * sum(c.overage))::bigint
        from {_OVERAGE} c
        left join (select * from {_LINES} l where kind = 'OVERAGE') l using (case_id, number)
        where c.overage is not null
        group by c.case_id, c.month
        having sum(coalesce(l.amount, 0)) <> {_PRICE} * sum(c.overage)
    """,
    "Every cycle is charged in full, once": f"""
        select case_id, format('cycle %s: %s', number, f.what), f.stored, f.expected
        from (
            select c.*, c.number >= k.first_billed_cycle as billed from {CYCLES} c join cases k using (case_id)
        ) c
        full join (select * from {_LINES} l where kind = 'PLAN') l using (case_id, number)
        cross join lateral (values
            ('plan lines', coalesce(l.lines, 0), coalesce(c.billed, false)::int),
            ('plan billed', coalesce(l.amount, 0), case when c.billed then c.price else 0 end),
            ('plan-date of plan', {microseconds("l.effective_at")}, {microseconds("c.starts_at")})
        ) f (what, stored, expected)
        where f.stored <> f.expected
    """,
    "A line names the plan and the end of the cycle that it is about": f"""
        select l.case_id, format('cycle %s: %s of %s', l.cycle_number, f.what, lower(replace(l.kind::text, '_', ' '))),
            f.stored, f.expected
        from invoice_lines l
        join cycles c on c.case_id = l.case_id and c.number = l.cycle_number
        cross join lateral (values (l.kind = 'OVERAGE', l.kind = 'TOKEN_PURCHASE')) k (overage, purchase)
        cross join lateral (values
            ('tier', {rank("l.tier")}, case when not k.purchase then {rank("c.tier")} end),
            ('end', {microseconds("l.until")},
                {microseconds(f"case when k.overage then c.ends_at when not k.purchase then {planned_end('c')} end")}),
            ('quantity', l.quantity, case when k.overage or k.purchase then l.quantity else 1 end)
        ) f (what, stored, expected)
        where f.stored is distinct from f.expected
    """,
    "Every purchase is billed, once": f"""
        select case_id, format('entry %s: %s', coalesce(e.sequence, l.entry), f.what), f.stored, f.expected
        from (
            select e.*, e.cycle_number >= k.first_billed_cycle as billed
            from ledger_rows e join cases k using (case_id) where kind = 'PURCHASE'
        ) e
        full join (
            select case_id, entry as sequence, entry, count(*) as lines, sum(quantity) as tokens, sum(amount) as amount,
                min(effective_at) as effective_at, min(cycle_number) as cycle_number
            from invoice_lines where kind = 'TOKEN_PURCHASE' group by case_id, entry
        ) l using (case_id, sequence)
        cross join lateral (values
            ('purchase lines', coalesce(l.lines, 0), case when e.case_id is null then 0 when e.billed then 1 end),
            ('tokens billed', l.tokens, coalesce(e.purchased_change, 0)),
            ('purchase in cents', l.amount, {_PRICE} * coalesce(e.purchased_change, 0)),
            ('cycle of a purchase', l.cycle_number, e.cycle_number),
            ('plan-date of a purchase', {microseconds("l.effective_at")}, {microseconds("e.occurred_at")})
        ) f (what, stored, expected)
        where f.stored <> f.expected
    """,
    "No credit gives back more than an upgrade gave, nor that more than the cycle had cost": f"""
        select coalesce(p.case_id, l.case_id), format('event %s: %s', number, f.what), f.stored, f.most
        from (select * from plan_changes where kind = 'UPGRADED') p
        full join (
            select case_id, credit_of as number, -sum(amount) as used, min(cycle_number) as first,
                max(cycle_number) as last
            from invoice_lines where kind = 'PRORATION_CREDIT' group by case_id, credit_of
        ) l using (case_id, number)
        left join (select case_id, number as cut, amount from {_LINES} l where kind = 'PLAN') c
            on c.case_id = p.case_id and c.cut = p.cycle_number - 1
        cross join lateral (values
            ('credit used', l.used::bigint, coalesce((p.credit * 100)::bigint, 0)),
            ('credit given', (p.credit * 100)::bigint, c.amount::bigint),
            ('first cycle credited', p.cycle_number - 1, l.first), ('last cycle credited', l.last, p.cycle_number - 1)
        ) f (what, stored, most)
        where f.stored > f.most
    """,
}  # fmt: skip
