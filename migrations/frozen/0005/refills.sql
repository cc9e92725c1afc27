-- The daily refill (L4): set-based, in batches that commit. Python says which date is due and what each plan adds.

-- Refills cases whose rows the caller has locked, each up to the date: its tokens are decided by the plan and the tank of
-- this moment, the date is marked done even where nothing is added, and dates in between are outages, as is the date
-- itself once it is over. A date that is done is passed over, and the ledger takes no second entry for it. Returns how
-- many cases had the date to be done.
create or replace function refill_cases(
    p_cases bigint[], p_now timestamptz, p_day date, p_caller bigint,
    p_catalogues bigint[], p_tiers plan_tier[], p_refills bigint[]
) returns bigint language plpgsql as $$
declare
    v_over boolean := p_day < (p_now at time zone 'America/New_York')::date;
    v_cases bigint;
begin
    insert into outages (day)
    select distinct r.refilled_on + missed.days
    from unnest(p_cases) given (case_id)
    join reservoirs r using (case_id)
    cross join lateral generate_series(1, p_day - r.refilled_on - (not v_over)::int) missed (days)
    where r.clock_id is null
    order by 1 -- so that two batches never wait for each other
    on conflict do nothing;

    with due as (
        select r.case_id, r.cycle_number, greatest(r.changed_at, p_now) as at, r.entries + 1 as sequence, r.balance, r.held,
            case when v_over then 0 else greatest(0, least(p.refill, r.cap - (r.balance + r.held - r.purchased))) end as tokens
        from unnest(p_cases) given (case_id)
        join reservoirs r using (case_id)
        join unnest(p_catalogues, p_tiers, p_refills) p (catalogue, tier, refill)
            on p.catalogue = r.catalogue and p.tier = r.tier
        where r.refilled_on < p_day
    ),
    entered as (
        insert into ledger_rows (
            case_id, sequence, occurred_at, cycle_number, caller_id, balance_change, held_change, balance_after, held_after,
            kind, refill_date
        )
        select case_id, sequence, at, cycle_number, p_caller, tokens, 0, balance + tokens, held, 'DAILY_REFILL', p_day
        from due where tokens > 0
    ),
    counted as (
        update cycles c set granted = c.granted + due.tokens
        from due where due.tokens > 0 and c.case_id = due.case_id and c.number = due.cycle_number
    ),
    stored as (
        update reservoirs r
        set balance = r.balance + due.tokens, entries = r.entries + (due.tokens > 0)::int, changed_at = due.at,
            refilled_on = p_day
        from due where r.case_id = due.case_id
        returning 1
    )
    select count(*) into v_cases from stored;
    return v_cases;
end;
$$;

-- One batch of the cases in real time that are due, passing over rows that somebody holds. A case whose cycle has ended
-- is renewed first, so that the refill belongs to the new cycle and its plan. Announced as one. A sweep gives the date and
-- the case at which its last batch ended: all index entries before that are dead, and they are many. Returns how many
-- cases, and where they end; 0: none is left from there on.
create or replace function refill_batch(
    p_now timestamptz, p_day date, p_caller bigint, p_catalogues bigint[], p_tiers plan_tier[], p_refills bigint[],
    p_most bigint, p_after_day date, p_after_case bigint, out cases bigint, out last_day date, out last_case bigint
) language plpgsql as $$
declare
    v_cases bigint[];
begin
    -- A statement of its own, so that the next one sees the rows as they are under their locks.
    select array_agg(due.case_id order by due.refilled_on, due.case_id), max(due.refilled_on) into v_cases, last_day from (
        select r.case_id, r.refilled_on from reservoirs r
        where (r.refilled_on, r.case_id) > (p_after_day, p_after_case) and r.refilled_on < p_day
            and r.clock_id is null and r.cycle_ends_at > p_now
        order by r.refilled_on, r.case_id limit p_most
        for no key update skip locked
    ) due;
    cases := 0;
    last_case := v_cases[cardinality(v_cases)];
    if v_cases is null then
        return;
    end if;
    insert into outbox (what) values ('REFILLED');
    cases := refill_cases(v_cases, p_now, p_day, p_caller, p_catalogues, p_tiers, p_refills);
end;
$$;

-- The refill of one case before a command on it. Verdicts: done; ended: its cycle has to be renewed first.
create or replace function refill_case(
    p_case bigint, p_now timestamptz, p_day date, p_caller bigint, p_catalogues bigint[], p_tiers plan_tier[],
    p_refills bigint[]
) returns text language plpgsql as $$
declare
    r reservoirs := lock_reservoir(p_case, p_now);
begin
    if r.cycle_ends_at <= p_now then
        return 'ended';
    end if;
    perform refill_cases(array[p_case], p_now, p_day, p_caller, p_catalogues, p_tiers, p_refills);
    return 'done';
end;
$$;

-- Every case on a test clock that is due (C10). The clock's time is moved under a lock of its own.
create or replace function refill_clock(
    p_clock bigint, p_now timestamptz, p_day date, p_caller bigint, p_catalogues bigint[], p_tiers plan_tier[],
    p_refills bigint[]
) returns bigint language plpgsql as $$
declare
    v_cases bigint[];
begin
    select array_agg(case_id) into v_cases from (
        select case_id from reservoirs where clock_id = p_clock and refilled_on < p_day order by case_id
        for no key update
    ) due;
    if v_cases is null then
        return 0;
    end if;
    return refill_cases(v_cases, p_now, p_day, p_caller, p_catalogues, p_tiers, p_refills);
end;
$$;
