-- The reservoir row is a cache of the sums of the ledger, changed in the transaction of the entries (L1).

-- Locks a case's reservoir for the rest of the transaction. Time never runs backwards within a case: an instant that
-- was taken before the lock was had is moved up to the last change. p_now null: the case lives on a test clock, whose time
-- holds still from here on; whoever moves a clock locks it before its cases, too.
create or replace function lock_reservoir(p_case bigint, p_now timestamptz) returns reservoirs language plpgsql as $$
declare
    r reservoirs;
    v_now timestamptz := p_now;
begin
    if v_now is null then
        select c.now into v_now from reservoirs k join test_clocks c using (clock_id) where k.case_id = p_case for share of c;
    end if;
    select * into r from reservoirs where case_id = p_case for no key update;
    r.changed_at := greatest(r.changed_at, v_now);
    return r;
end;
$$;

-- Stores what append_entry has built up.
create or replace function store_reservoir(r reservoirs) returns void language sql as $$
    update reservoirs
    set balance = r.balance, held = r.held, purchased = r.purchased, entries = r.entries, tasks = r.tasks,
        changed_at = r.changed_at
    where case_id = r.case_id;
$$;

-- A change of the balance that the caller, who holds the lock, has decided: a fill, a purchase, a clamp, a clear (L5 to
-- L7). What the plan supplies counts as granted in the open cycle.
create or replace function change_balance(
    p_case bigint, p_kind entry_kind, p_balance bigint, p_purchased bigint, p_caller bigint, p_now timestamptz
) returns void language plpgsql as $$
declare
    r reservoirs := lock_reservoir(p_case, p_now);
begin
    r := append_entry(r, p_kind, p_balance, 0, p_purchased, 0, 0, null, null, null, p_caller);
    perform store_reservoir(r);
    if p_kind in ('ACTIVATION_FILL', 'REACTIVATION_FILL', 'UPGRADE_FILL') and r.balance is not null then
        update cycles set granted = granted + p_balance where case_id = p_case and number = r.cycle_number;
    end if;
end;
$$;

-- Tokens held at a downgrade may keep the tank above its limit: what comes back of them then goes (L6). Nothing elsewhere.
create or replace function clamp_refund(r reservoirs, p_caller bigint) returns reservoirs language plpgsql as $$
declare
    v_above bigint := least(
        greatest(0, r.balance + r.held - r.purchased - r.cap), greatest(0, r.balance - r.purchased)
    );
begin
    -- least and greatest pass over null, so that an unlimited reservoir is asked for first.
    if r.balance is null or r.cap is null or v_above = 0 then
        return r;
    end if;
    return append_entry(r, 'DOWNGRADE_CLAMP', -v_above, 0, 0, 0, 0, null, null, null, p_caller);
end;
$$;

-- Gives an unlimited reservoir a balance and a cap again, in one entry that carries the balance minus the sum so far, which
-- is the last balance there was (L7).
create or replace function end_unlimited(
    p_case bigint, p_kind entry_kind, p_balance bigint, p_purchased bigint, p_cap bigint, p_caller bigint, p_now timestamptz
) returns void language plpgsql as $$
declare
    r reservoirs := lock_reservoir(p_case, p_now);
begin
    r.balance := coalesce((
        select balance_after from ledger_rows
        where case_id = p_case and balance_after is not null order by sequence desc limit 1
    ), 0);
    r := append_entry(r, p_kind, p_balance - r.balance, 0, p_purchased, 0, 0, null, null, null, p_caller);
    -- All at once: only a row without a cap may be without a balance.
    update reservoirs
    set balance = r.balance, cap = p_cap, purchased = r.purchased, entries = r.entries, changed_at = r.changed_at
    where case_id = p_case;
end;
$$;
