"""What the check asks of what was paid (C6, C8): every cent that an invoice received came from somewhere."""

from app.storage.check_views import case_of

PAYMENT_CHECKS = {
    "What the invoices of a case have received by card is what its payments have brought and kept": """
        select case_id, 'received by card', coalesce(i.received, 0), coalesce(p.kept, 0)
        from (
            select case_id, sum(paid - elsewhere)::bigint as received
            from invoices where case_id is not null group by case_id
        ) i
        full join (
            select case_id, sum(amount - refunded - refund_due)::bigint as kept
            from payments where status = 'APPLIED' group by case_id
        ) p using (case_id)
        where coalesce(i.received, 0) <> coalesce(p.kept, 0)
    """,
    "An invoice has received what was collected for it, and a monthly one nothing else by card": f"""
        select p.case_id, format('invoice %s: %s', i.number, f.what), f.stored, f.expected
        from invoices i
        join (
            select invoice_id, min(case_id) as case_id, max(case_id) as last,
                coalesce(sum(amount - refunded - refund_due) filter (where status = 'APPLIED'), 0)::bigint as kept
            from payments where invoice_id is not null group by invoice_id
        ) p using (invoice_id)
        cross join lateral (values
            ('collected', least(i.paid - i.elsewhere, p.kept), p.kept), ('case of a payment', p.case_id, i.case_id),
            ('case of a payment', p.last, i.case_id)
        ) f (what, stored, expected)
        where f.stored is distinct from f.expected
        union all
        select {case_of("i")},
            format('invoice %s: received by card', number), paid - elsewhere, 0
        from invoices i where month is not null and paid <> elsewhere
    """,
    "What was paid for nothing is given back, all of it; what was not received is not": """
        select case_id, format('payment %s: given back', payment_id), refund_due + refunded, f.expected
        from payments
        cross join lateral (
            values (case status when 'NOT_APPLIED' then amount when 'APPLIED' then refund_due + refunded else 0 end)
        ) f (expected)
        where refund_due + refunded <> f.expected
    """,
    "An operator has marked what was received elsewhere, and what is void": f"""
        select {case_of("i")},
            format('invoice %s: %s', number, f.what), f.stored, f.expected
        from invoices i
        left join callers a on a.caller_id = i.marked_by
        cross join lateral (values
            ('marked', (a.caller_id is not null)::int, (elsewhere <> 0 or status = 'VOID')::int),
            ('paid though void', case when status = 'VOID' then paid end, 0),
            ('received elsewhere', elsewhere, least(greatest(elsewhere, 0), paid))
        ) f (what, stored, expected)
        where f.stored <> f.expected
    """,
    "Nothing is settled before it was issued, and what is paid or void has been": f"""
        select {case_of("i")},
            format('invoice %s: settled', number), (settled_at >= issued_at)::int,
            case when status in ('PAID', 'VOID') then 1 end
        from invoices i
        where (settled_at >= issued_at)::int is distinct from case when status in ('PAID', 'VOID') then 1 end
    """,
}
