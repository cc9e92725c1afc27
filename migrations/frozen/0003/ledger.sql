-- The ledger protects itself (L1): entries are inserted, never changed or deleted, and each follows its predecessor.

create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end;
$$;

-- Sequence without gaps, and running sums that follow from the entries before (L1). Entries of an unlimited reservoir have
-- no balance and count as 0, so that after them the sum goes on from the last balance there was (L7).
create or replace function follow_previous_entry() returns trigger language plpgsql as $$
declare
    v_previous ledger_entries;
    v_balance bigint;
begin
    select * into v_previous from ledger_entries where case_id = new.case_id and sequence = new.sequence - 1;
    if not found and new.sequence <> 1 then
        raise exception 'entry % of case % has no predecessor', new.sequence, new.case_id using errcode = 'check_violation';
    end if;
    v_balance := v_previous.balance_after;
    if v_balance is null and new.balance_after is not null then
        select balance_after into v_balance from ledger_entries
        where case_id = new.case_id and sequence < new.sequence and balance_after is not null
        order by sequence desc limit 1;
    end if;
    if new.held_after <> coalesce(v_previous.held_after, 0) + new.held_change
        or new.balance_after <> coalesce(v_balance, 0) + new.balance_change
    then
        raise exception 'entry % of case % does not follow from the one before', new.sequence, new.case_id
            using errcode = 'check_violation';
    end if;
    return new;
end;
$$;

-- Writes one entry and returns the reservoir as it stands after it; the caller stores that row at its end, once.
-- Writes nothing where all changes are 0 (T3). On an unlimited reservoir the balance stays null, whatever p_balance (L7).
create or replace function append_entry(
    r reservoirs, p_kind entry_kind, p_balance bigint, p_held bigint, p_purchased bigint, p_provisional bigint,
    p_overage bigint, p_category usage_category, p_task bigint, p_documents bigint, p_caller bigint
) returns reservoirs language plpgsql as $$
declare
    v_balance_change bigint := case when r.balance is not null then p_balance end;
begin
    if coalesce(v_balance_change, 0) = 0 and p_held = 0 and p_purchased = 0 and p_provisional = 0 and p_overage = 0 then
        return r;
    end if;
    r.entries := r.entries + 1;
    r.balance := r.balance + v_balance_change;
    r.held := r.held + p_held;
    r.purchased := r.purchased + p_purchased;
    insert into ledger_rows (
        case_id, sequence, occurred_at, task_number, caller_id, balance_change, held_change, purchased_change,
        provisional_change, overage_change, balance_after, held_after, cycle_number, documents, kind, category
    ) values (
        r.case_id, r.entries, r.changed_at, p_task, p_caller, v_balance_change, p_held,
        nullif(p_purchased, 0), nullif(p_provisional, 0), nullif(p_overage, 0), r.balance, r.held, r.cycle_number, p_documents, p_kind, p_category
    );
    return r;
end;
$$;
