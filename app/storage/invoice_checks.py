"""What the check asks of invoices (C2, C3, C6): totals, tax, numbers and months."""

from app.storage.check_views import OPENINGS, case_of, microseconds, number

_BY_CASE = """(
    select invoice_id, case_id, coalesce(sum(amount) filter (where kind <> 'TAX'), 0) as rest,
        coalesce(sum(amount) filter (where kind = 'TAX'), 0) as tax, min(rate) as least, max(rate) as most,
        count(rate) as taxes, sum(amount) as amount
    from invoice_lines group by invoice_id, case_id
)"""
"""The part of each case of an invoice; rest: without tax."""

_MONTH = "date_trunc('month', {instant} at time zone 'America/New_York')::date"
_OVER = "(i.month + interval '1 month') at time zone 'America/New_York'"

INVOICE_CHECKS = {
    "An issued invoice is the sum of its lines, and what is paid of it says whether it is open": f"""
        select {case_of("i")}, format('invoice %s: %s', i.number, f.what),
            f.stored, f.expected
        from invoices i
        left join (select invoice_id, sum(amount) as amount from invoice_lines group by invoice_id) l using (invoice_id)
        cross join lateral (values
            ('lines', (l.amount is not null)::int, 1), ('total', i.total, coalesce(l.amount, 0)),
            ('paid beyond its total', greatest(i.paid, i.total), i.total),
            ('paid though open', case when i.status = 'OPEN' then (i.paid >= i.total)::int end, 0),
            ('left to pay though paid', case when i.status = 'PAID' then i.total - i.paid end, 0)
        ) f (what, stored, expected)
        where i.status <> 'PENDING' and f.stored <> f.expected
    """,
    "Each case is taxed at the rate of its invoice, to the even cent; no part of an invoice is negative": f"""
        select l.case_id, format('invoice %s: %s', coalesce(i.number::text, 'of ' || i.month), f.what),
            f.stored, f.expected
        from {_BY_CASE} l
        join invoices i using (invoice_id)
        cross join lateral (values (coalesce(i.rate, 0) * l.rest)) t (exact)
        cross join lateral (values (floor(t.exact), t.exact - floor(t.exact))) q (whole, part)
        cross join lateral (values (q.part > 0.5 or q.part = 0.5 and q.whole % 2 = 1)) u (up)
        cross join lateral (values ((q.whole + u.up::int)::bigint)) e (tax)
        cross join lateral (values
            ('tax', l.tax, e.tax), ('tax lines', l.taxes, (e.tax > 0)::int),
            ('rate', (l.least * 100000)::bigint, (coalesce(i.rate, 0) * 100000)::bigint),
            ('rate', (l.most * 100000)::bigint, (coalesce(i.rate, 0) * 100000)::bigint),
            ('of one case', least(l.amount, 0), 0)
        ) f (what, stored, expected)
        where f.stored <> f.expected
    """,
    "Invoices of an organization are numbered from 1 without gaps": f"""
        select {case_of("i")}, format('invoice %s: number', number), number, position
        from (
            select *, row_number() over (partition by organization_id order by number) as position
            from invoices where number is not null
        ) i
        where number <> position
        union all
        select {case_of("o")}, 'last invoice', coalesce(n.last, 0), o.issued
        from (
            select organization_id, null::bigint as case_id, count(number) as issued
            from invoices group by organization_id
        ) o
        left join invoice_numbers n using (organization_id)
        where coalesce(n.last, 0) <> o.issued
    """,
    "In one time the invoices of an organization are numbered in the order of their issue": f"""
        select {case_of("i")}, format('invoice %s: issue', number),
            {microseconds("issued_at")}, {microseconds("previous")}
        from (
            select *, lag(issued_at) over (partition by organization_id, issued_on order by number) as previous
            from invoices where number is not null
        ) i
        where issued_at < previous
    """,
    "An invoice was issued in real time, or on the clock that it was on": f"""
        select {case_of("i")}, format('invoice %s: clock of its issue', number),
            issued_on, clock_id
        from invoices i where number is not null and clock_id is not null and issued_on is distinct from clock_id
    """,
    "An invoice is of one organization and one time, and by card of one case": """
        select c.case_id, format('invoice %s: %s', coalesce(i.number::text, 'of ' || i.month), f.what),
            f.stored, f.expected
        from (select distinct invoice_id, case_id from invoice_lines) l
        join invoices i using (invoice_id)
        join cases c on c.case_id = l.case_id
        join reservoirs r on r.case_id = l.case_id
        cross join lateral (values
            ('organization', i.organization_id, c.organization_id), ('clock', i.clock_id, r.clock_id),
            ('case', coalesce(i.case_id, c.case_id), c.case_id)
        ) f (what, stored, expected)
        where f.stored is distinct from f.expected
    """,
    "A monthly invoice holds plan-dates of its month, and is issued once that is over": f"""
        select l.case_id, format('invoice %s, line %s: month', coalesce(i.number::text, 'of ' || i.month), l.line_id),
            {number(_MONTH.format(instant="l.effective_at"))}, {number("i.month")}
        from invoice_lines l join invoices i using (invoice_id)
        where l.kind <> 'TAX' and i.month <> {_MONTH.format(instant="l.effective_at")}
        union all
        select {case_of("i")}, format('invoice of %s: %s', i.month, f.what), f.stored, f.expected
        from invoices i
        left join test_clocks k using (clock_id)
        cross join lateral (values
            ('issued too early', {microseconds("i.issued_at")}, {microseconds(_OVER)}),
            ('not issued', {microseconds(_OVER)}, case when i.status = 'PENDING' then {microseconds("k.now")} end)
        ) f (what, stored, expected)
        where f.stored < f.expected
    """,
    "What a change charged a card is the total of its invoice": f"""
        select p.case_id, format('event %s: charged', p.number), (p.charge * 100)::bigint, i.total
        from plan_changes p
        join invoice_lines l on l.case_id = p.case_id and l.cycle_number = p.cycle_number
            and l.kind = case when p.kind = 'DEACTIVATED' then 'OVERAGE' else 'PLAN' end::invoice_line_kind
        join invoices i using (invoice_id)
        where (p.kind in {OPENINGS} or p.kind = 'DEACTIVATED')
            and p.charge * 100 <> case when i.month is null then i.total else 0 end
    """,
}  # fmt: skip
