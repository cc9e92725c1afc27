-- Invoices: lines are added while an invoice is pending, and never again (C6). Python decides every line and amount.

-- The next number of an organization, without gaps: who rolls back gives it back.
create or replace function next_invoice_number(p_organization bigint) returns bigint language sql as $$
    insert into invoice_numbers as n (organization_id, last) values (p_organization, 1)
    on conflict (organization_id) do update set last = n.last + 1
    returning last;
$$;

create or replace function add_invoice_lines(p_invoice bigint, p_lines jsonb) returns void language sql as $$
    insert into invoice_lines (
        case_id, invoice_id, quantity, unit_price, amount, cycle_number, credit_of, entry, effective_at, until, kind, tier,
        rate
    )
    select
        case_id, p_invoice, quantity, unit_price, amount, cycle_number, credit_of, entry, effective_at, until, kind, tier, rate
    from jsonb_to_recordset(p_lines) as given (
        case_id bigint, quantity bigint, unit_price bigint, amount bigint, cycle_number bigint, credit_of bigint,
        entry bigint, effective_at timestamptz, until timestamptz, kind invoice_line_kind, tier plan_tier, rate numeric
    );
$$;

-- Numbers and dates a pending invoice with all of its lines, which nobody adds to any more, and notes whom it bills. p_paid:
-- cents of it that have been received already. Returns its total.
create or replace function issue_invoice(p_invoice bigint, p_at timestamptz, p_paid bigint) returns bigint
language plpgsql as $$
declare
    v_organization bigint;
    v_clock bigint;
    v_number bigint;
    v_total bigint;
    v_rate numeric;
    v_at timestamptz;
begin
    select organization_id, clock_id into v_organization, v_clock from invoices where invoice_id = p_invoice for update;
    select coalesce(sum(amount), 0), coalesce(max(rate), 0) into v_total, v_rate
    from invoice_lines where invoice_id = p_invoice;
    v_number := next_invoice_number(v_organization);
    -- Whoever has the number before has committed by now, perhaps with an instant that was taken after this one's.
    select greatest(p_at, max(issued_at)) into v_at
    from invoices where organization_id = v_organization and clock_id is not distinct from v_clock;
    update invoices i
    set number = v_number, issued_at = v_at, issued_on = v_clock, total = v_total, rate = v_rate, billed_to = o.name,
        paid = least(p_paid, v_total), status = case when p_paid >= v_total then 'PAID' else 'OPEN' end::invoice_status,
        settled_at = case when p_paid >= v_total then v_at end
    from organizations o
    where i.invoice_id = p_invoice and o.organization_id = v_organization;
    return v_total;
end;
$$;

-- An invoice of one case, issued at once. Returns its id.
create or replace function invoice_case(p_case bigint, p_at timestamptz, p_lines jsonb, p_paid bigint) returns bigint
language plpgsql as $$
declare
    v_invoice bigint;
begin
    insert into invoices (organization_id, clock_id, case_id)
    select c.organization_id, r.clock_id, p_case from cases c join reservoirs r using (case_id) where c.case_id = p_case
    returning invoice_id into v_invoice;
    perform add_invoice_lines(v_invoice, p_lines);
    perform issue_invoice(v_invoice, p_at, p_paid);
    return v_invoice;
end;
$$;

-- Lets lines wait for the organization's invoice of a month.
create or replace function add_pending_lines(p_case bigint, p_month date, p_lines jsonb) returns void
language plpgsql as $$
declare
    v_organization bigint;
    v_clock bigint;
    v_invoice bigint;
begin
    select c.organization_id, r.clock_id into v_organization, v_clock
    from cases c join reservoirs r using (case_id) where c.case_id = p_case;
    loop
        -- Whoever issues it locks it first, so that what is added here is either on it or not yet looked for.
        select invoice_id into v_invoice from invoices
        where organization_id = v_organization and clock_id is not distinct from v_clock and month = p_month
            and status = 'PENDING'
        for key share;
        exit when found;
        insert into invoices (organization_id, clock_id, month) values (v_organization, v_clock, p_month)
        on conflict do nothing;
    end loop;
    perform add_invoice_lines(v_invoice, p_lines);
end;
$$;

-- What is issued stays as it is: only its payment goes on. Invoices are never deleted.
create or replace function keep_issued_invoice() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.status <> 'PENDING' then
            raise exception 'an invoice begins as pending' using errcode = 'restrict_violation';
        end if;
        return new;
    end if;
    if tg_op = 'DELETE' then
        raise exception 'invoices are kept: DELETE is refused' using errcode = 'restrict_violation';
    end if;
    if (new.invoice_id, new.uuid, new.organization_id) is distinct from (old.invoice_id, old.uuid, old.organization_id)
        or old.status <> 'PENDING' and (
            (new.number, new.total, new.issued_at, new.issued_on, new.month, new.case_id, new.billed_to, new.rate)
                is distinct from
                (old.number, old.total, old.issued_at, old.issued_on, old.month, old.case_id, old.billed_to, old.rate)
            or new.clock_id is distinct from old.clock_id and new.clock_id is not null -- null: its cases are released
            or new.status = 'PENDING' or new.paid < old.paid or old.status = 'VOID' and new.status <> 'VOID'
            or old.marked_by is not null
                and (new.marked_by, new.elsewhere) is distinct from (old.marked_by, old.elsewhere)
        )
    then
        raise exception 'invoice % was issued and does not change', old.invoice_id using errcode = 'restrict_violation';
    end if;
    if old.status = 'PENDING' and new.status <> 'PENDING' then
        if new.total is distinct from (select sum(amount) from invoice_lines where invoice_id = new.invoice_id) then
            raise exception 'invoice % is not the sum of its lines', new.invoice_id using errcode = 'check_violation';
        end if;
        if new.number > 1 and not exists (
            select from invoices where organization_id = new.organization_id and number = new.number - 1
        ) then
            raise exception 'invoice % would leave a gap in its numbers', new.invoice_id using errcode = 'check_violation';
        end if;
    end if;
    return new;
end;
$$;

create or replace function keep_issued_lines() returns trigger language plpgsql as $$
begin
    perform from invoices where invoice_id = new.invoice_id and status = 'PENDING' for key share;
    if not found then
        raise exception 'invoice % was issued and takes no more lines', new.invoice_id using errcode = 'restrict_violation';
    end if;
    return new;
end;
$$;
