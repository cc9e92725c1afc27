-- The reservoir row is a cache of the sums of the ledger, changed in the transaction of the entries (L1).

-- Locks a case's reservoir for the rest of the transaction. Time never runs backwards within a case: an instant that
-- was taken before the lock was had is moved up to the last change.
create or replace function lock_reservoir(p_case bigint, p_now timestamptz) returns reservoirs language plpgsql as $$
declare
    r reservoirs;
begin
    select * into r from reservoirs where case_id = p_case for no key update;
    r.changed_at := greatest(r.changed_at, p_now);
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

-- A fill (L5): its tokens were decided by the caller, who holds the lock. They count as granted in the open cycle.
create or replace function fill_reservoir(
    p_case bigint, p_kind entry_kind, p_tokens bigint, p_caller bigint, p_now timestamptz
) returns void language plpgsql as $$
declare
    r reservoirs := lock_reservoir(p_case, p_now);
begin
    r := append_entry(r, p_kind, p_tokens, 0, 0, 0, 0, null, null, null, p_caller);
    perform store_reservoir(r);
    update cycles set granted = granted + p_tokens where case_id = p_case and number = r.cycle_number;
end;
$$;
