"""What the check asks of what was paid (C6, C8): every cent that an invoice received came from somewhere."""

from app.storage.check_views import case_of

PAYMENT_CHECKS = {
    "An invoice has received by card what its payments have brought and kept": f"""
        select {case_of("i")}, format('invoice %s: received by card', number), paid - elsewhere, coalesce(p.kept, 0)
        from invoices i
        left join (
            select invoice_id, sum(amount - refunded - refund_due)::bigint as kept
            from payments where status = 'APPLIED' group by invoice_id
        ) p using (invoice_id)
        where paid - elsewhere <> coalesce(p.kept, 0)
    """,
    "What a payment has brought and kept is on an invoice, of its own case": """
        select p.case_id, format('payment %s: invoiced', payment_id), amount - refunded - refund_due, 0
        from payments p
        where status = 'APPLIED' and invoice_id is null and amount <> refunded + refund_due
        union all
        select p.case_id, format('payment %s: case', payment_id), p.case_id, i.case_id
        from payments p join invoices i using (invoice_id)
        where i.case_id is distinct from p.case_id
    """,
    "A payment of a change is on the invoice of that change, and of its instant; nothing else is": """
        select p.case_id, format('payment %s: %s', payment_id, f.what), f.stored, f.expected
        from payments p
        join invoices i using (invoice_id)
        left join invoices b on b.organization_id = i.organization_id and b.number = i.number - 1
        cross join lateral (values
            ('invoiced though not applied', 1, (p.status = 'APPLIED')::int),
            ('lines for it', (
                select count(*) from invoice_lines l
                where l.invoice_id = i.invoice_id
                    and l.kind = case p.purpose when 'PLAN' then 'PLAN' else 'TOKEN_PURCHASE' end::invoice_line_kind
            )::int, 1),
            ('instant', (i.issued_at in (p.ended_at, greatest(p.ended_at, b.issued_at)))::int, 1)
        ) f (what, stored, expected)
        where p.purpose <> 'INVOICE' and f.stored is distinct from f.expected
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
