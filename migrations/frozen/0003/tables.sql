insert into callers (name) values ('scheduler') on conflict do nothing;

create table test_clocks (
    clock_id bigint generated always as identity primary key,
    uuid uuid not null default gen_random_uuid() unique,
    now timestamptz not null,
    creation_key uuid not null unique,
    creation_input uuid not null
);

create table test_clock_advances (
    clock_id bigint not null references test_clocks,
    key uuid not null,
    input uuid not null,
    primary key (clock_id, key)
);

alter table reservoirs add column cycle_ends_at timestamptz, add column clock_id bigint;
-- squawk-ignore adding-foreign-key-constraint
alter table reservoirs add constraint on_a_clock foreign key (clock_id) references test_clocks not valid;

-- Until now nothing was refilled: what is active on a plan with a refill is done up to the day before its activation.
update reservoirs r
set
    cycle_ends_at = c.ends_at,
    refilled_on = case when r.tier in ('PRO', 'BUSINESS') then
        coalesce(r.refilled_on, (c.starts_at at time zone 'America/New_York')::date - 1)
    end
from cycles c
where r.status = 'ACTIVE' and c.case_id = r.case_id and c.number = r.cycle_number;

alter table reservoirs add constraint open_cycle_ends check ((status = 'ACTIVE') = (cycle_ends_at is not null)) not valid;
alter table reservoirs add constraint inactive_is_not_refilled check (status = 'ACTIVE' or refilled_on is null) not valid;

-- What falls due in real time, oldest first; cases on a test clock wait for it to be advanced.
-- squawk-ignore require-concurrent-index-creation
create index reservoirs_to_refill on reservoirs (refilled_on, case_id) where refilled_on is not null and clock_id is null;
-- squawk-ignore require-concurrent-index-creation
create index reservoirs_to_renew on reservoirs (cycle_ends_at, case_id) where cycle_ends_at is not null and clock_id is null;
-- squawk-ignore require-concurrent-index-creation
create index reservoirs_by_clock on reservoirs (clock_id, case_id) where clock_id is not null;

alter table ledger_rows add column refill_date date;
alter table ledger_rows add constraint refills_have_a_date check ((kind = 'DAILY_REFILL') = (refill_date is not null)) not valid;
-- squawk-ignore require-concurrent-index-creation
create unique index one_refill_a_date on ledger_rows (case_id, refill_date) where refill_date is not null;
-- An upgrade to unlimited tokens turns the provisional overage of running tasks into held tokens, each in its name.
-- squawk-ignore ban-drop-constraint
alter table ledger_rows drop constraint tasks_have_a_number;
alter table ledger_rows add constraint tasks_have_a_number check (
    case kind
        when 'RESERVE' then task_number is not null
        when 'CHARGE' then task_number is not null
        when 'REFUND' then task_number is not null
        when 'UPGRADE_FILL' then (task_number is not null) = (held_change <> 0)
        else task_number is null
    end
) not valid;

create or replace view ledger_entries as
select
    case_id, sequence, occurred_at, cycle_number, task_number, balance_change, held_change,
    coalesce(purchased_change, 0) as purchased_change, coalesce(provisional_change, 0) as provisional_change,
    coalesce(overage_change, 0) as overage_change, balance_after, held_after, documents, caller_id, kind,
    category, refill_date
from ledger_rows;

alter table cases add column scheduled_tier plan_tier, add column scheduled_catalogue bigint;
alter table cases add column credit_left numeric(12, 2) not null default 0;
alter table cases add constraint credit_is_not_negative check (credit_left >= 0) not valid;
alter table cases add constraint scheduled_together check ((scheduled_tier is null) = (scheduled_catalogue is null)) not valid;

create type plan_event as enum (
    'ACTIVATED', 'REACTIVATED', 'UPGRADED', 'DOWNGRADE_SCHEDULED', 'DOWNGRADE_CANCELLED', 'DOWNGRADED', 'RENEWED',
    'DEACTIVATED'
);
create table plan_changes (
    case_id bigint not null references reservoirs,
    number bigint not null check (number > 0),
    cycle_number bigint not null,
    caller_id bigint not null references callers,
    occurred_at timestamptz not null,
    charge numeric(12, 2) not null check (charge >= 0),
    credit numeric(12, 2) not null check (credit >= 0),
    kind plan_event not null,
    tier plan_tier not null,
    from_tier plan_tier,
    primary key (case_id, number)
);
insert into plan_changes (case_id, number, cycle_number, caller_id, occurred_at, charge, credit, kind, tier)
select
    c.case_id, 1, 1, coalesce(e.caller_id, s.caller_id), c.starts_at,
    case when k.payment_method = 'MONTHLY_INVOICE' then 0 else
        case c.tier when 'STARTER' then 49 when 'PRO' then 499 when 'BUSINESS' then 4999 else 29999 end
    end,
    0, 'ACTIVATED', c.tier
from cycles c
join cases k on k.case_id = c.case_id
join callers s on s.organization_id is null and s.name = 'scheduler'
left join ledger_rows e on e.case_id = c.case_id and e.sequence = 1
where c.number = 1;

-- New York dates whose refill some case was due and did not get before they were over.
create table outages (day date primary key);

-- When a person last saw the panel of a case, and up to which entry it had been written when they opened it.
create table visits (
    case_id bigint not null references reservoirs,
    caller_id bigint not null references callers,
    opened_at_entry bigint not null,
    previous_entry bigint,
    seen_at timestamptz not null,
    primary key (case_id, caller_id)
);

-- What is to be announced once the transaction that wrote it has committed. case_id null: many cases.
create type announcement as enum ('PLAN_CHANGED', 'REFILLED');
create table outbox (
    outbox_id bigint generated always as identity primary key,
    case_id bigint,
    created_at timestamptz not null default now(),
    what announcement not null
);

-- Whoever calls these is stopped while this migration runs: a process of before does nothing that falls due.
-- squawk-ignore ban-drop-function
drop function fill_reservoir(bigint, entry_kind, bigint, bigint, timestamptz);
-- squawk-ignore ban-drop-function
drop function create_task(
    bigint, bigint, uuid, timestamptz, bigint, boolean, task_kind, task_scope, scan_mode, smallint, bigint, text, bigint,
    smallint[], bigint
);
-- squawk-ignore ban-drop-function
drop function record_outcomes(bigint, bigint, bigint, uuid, uuid, timestamptz, text, text, text, boolean, boolean);
-- squawk-ignore ban-drop-function
drop function finish_task(bigint, bigint, bigint, uuid, uuid, timestamptz, task_status, timestamptz);
