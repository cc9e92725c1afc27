create type plan_tier as enum ('STARTER', 'PRO', 'BUSINESS', 'ENTERPRISE');
create type case_status as enum ('NOT_ACTIVATED', 'ACTIVE', 'DEACTIVATED');
create type payment_method as enum ('CARD', 'MONTHLY_INVOICE');
create type caller_role as enum ('member', 'case-admin', 'org-admin', 'operator');
create type task_kind as enum ('SCAN', 'MULTI_CODE');
create type task_scope as enum ('SINGLE', 'BULK');
create type scan_mode as enum ('AUTO', 'TEXT', 'IMAGE', 'AUDIO', 'VIDEO');
create type task_status as enum ('RUNNING', 'COMPLETED', 'CANCELLED', 'ABANDONED');
create type usage_category as enum ('CHAT', 'TEXT_SCAN', 'IMAGE_SCAN', 'AUDIO_SCAN', 'VIDEO_SCAN', 'MULTI_CODE');
create type entry_kind as enum (
    'ACTIVATION_FILL', 'REACTIVATION_FILL', 'UPGRADE_FILL', 'DAILY_REFILL', 'PURCHASE', 'RESERVE', 'CHARGE', 'REFUND',
    'DOWNGRADE_CLAMP', 'DEACTIVATION_CLEAR', 'ADJUSTMENT'
);

create table organizations (
    organization_id bigint generated always as identity primary key,
    uuid uuid not null default gen_random_uuid() unique,
    portal_url text not null,
    nuix_id text not null,
    name text not null,
    monthly_invoicing boolean not null default false,
    unique (portal_url, nuix_id)
);

create table callers (
    caller_id bigint generated always as identity primary key,
    organization_id bigint references organizations,
    name text not null,
    unique nulls not distinct (organization_id, name)
);

create table api_keys (
    api_key_id bigint generated always as identity primary key,
    caller_id bigint not null references callers,
    role caller_role not null,
    digest bytea not null unique check (octet_length(digest) = 32),
    created_at timestamptz not null,
    revoked_at timestamptz
);

create table cases (
    case_id bigint generated always as identity primary key,
    uuid uuid not null unique,
    organization_id bigint not null references organizations,
    name text not null,
    registered_at timestamptz not null,
    registration_key uuid not null unique,
    registration_input uuid not null,
    activated_at timestamptz,
    payment_method payment_method
);
-- squawk-ignore require-concurrent-index-creation
create index cases_by_organization on cases (organization_id, case_id);

create table reservoirs (
    case_id bigint primary key references cases,
    terms_version bigint not null default 1,
    balance bigint default 0 check (balance >= 0),
    held bigint not null default 0 check (held >= 0),
    purchased bigint not null default 0 check (purchased >= 0),
    cap bigint default 0 check (cap >= 0),
    entries bigint not null default 0,
    tasks bigint not null default 0,
    cycle_number bigint not null default 0,
    catalogue bigint,
    changed_at timestamptz not null,
    refilled_on date,
    status case_status not null default 'NOT_ACTIVATED',
    tier plan_tier,
    overage_enabled boolean not null default false,
    auto_upgrade_allowed boolean not null default true,
    constraint unlimited_together check ((balance is null) = (cap is null)),
    constraint bought_is_in_the_tank check (purchased <= balance + held),
    constraint granted_within_cap check (balance - purchased <= cap),
    constraint active_has_a_plan check ((status = 'ACTIVE') = (tier is not null) and (tier is null) = (catalogue is null)),
    constraint inactive_is_empty check (status = 'ACTIVE' or (balance = 0 and held = 0 and purchased = 0 and cap = 0))
) with (fillfactor = 70);

create table cycles (
    case_id bigint not null references reservoirs,
    number bigint not null check (number > 0),
    catalogue bigint not null,
    granted bigint not null default 0 check (granted >= 0),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    month date not null check (extract(day from month) = 1),
    anchor_day smallint not null check (anchor_day between 1 and 31),
    tier plan_tier not null,
    primary key (case_id, number),
    check (starts_at <= ends_at)
);

create table cycle_usage (
    case_id bigint not null,
    cycle_number bigint not null,
    charged bigint not null check (charged >= 0),
    overage bigint not null check (overage >= 0 and overage <= charged),
    category usage_category not null,
    primary key (case_id, cycle_number, category),
    foreign key (case_id, cycle_number) references cycles
) with (fillfactor = 70);

-- A count that is still 0 is stored as null, which takes no space; the view `tasks` shows it as 0.
create table task_rows (
    case_id bigint not null references reservoirs,
    number bigint not null check (number > 0),
    created_at timestamptz not null,
    reported_at timestamptz,
    finished_at timestamptz,
    documents bigint not null check (documents > 0),
    succeeded bigint check (succeeded > 0),
    failed bigint check (failed > 0),
    skipped bigint check (skipped > 0),
    reserved bigint not null check (reserved >= 0),
    charged bigint check (charged > 0),
    refunded bigint check (refunded > 0),
    overage bigint check (overage > 0),
    provisional bigint check (provisional > 0),
    first_entry bigint,
    last_entry bigint,
    caller_id bigint not null,
    key uuid not null,
    kind task_kind not null,
    scope task_scope not null,
    mode scan_mode not null,
    status task_status not null default 'RUNNING',
    active_fields smallint not null,
    text_rate smallint not null,
    image_rate smallint not null,
    audio_rate smallint not null,
    video_rate smallint not null,
    name text,
    primary key (case_id, number),
    constraint made_once unique (case_id, key),
    constraint documents_known check (
        coalesce(succeeded, 0) + coalesce(failed, 0) + coalesce(skipped, 0) <= documents
    ),
    constraint tokens_add_up check (
        coalesce(charged, 0) + coalesce(refunded, 0) + coalesce(provisional, 0) <= reserved
    ),
    constraint ended_holds_nothing check (
        (status = 'RUNNING') = (finished_at is null)
        and (status = 'RUNNING' or coalesce(charged, 0) + coalesce(refunded, 0) = reserved)
    )
);
-- Without the number, the tasks of a case share one entry of the index.
-- squawk-ignore require-concurrent-index-creation
create index tasks_running on task_rows (case_id) where status = 'RUNNING';

create view tasks as
select
    case_id, number, created_at, reported_at, finished_at, documents, coalesce(succeeded, 0) as succeeded,
    coalesce(failed, 0) as failed, coalesce(skipped, 0) as skipped, reserved, coalesce(charged, 0) as charged,
    coalesce(refunded, 0) as refunded, coalesce(overage, 0) as overage, coalesce(provisional, 0) as provisional,
    first_entry, last_entry, caller_id, key, kind, scope, mode, status, active_fields, text_rate, image_rate,
    audio_rate, video_rate, name
from task_rows;

create table task_documents (
    case_id bigint not null,
    task_number bigint not null,
    outcome "char" not null check (outcome in ('f', 's', 't', 'i', 'a', 'v')),
    document_id text collate "C" not null,
    primary key (case_id, task_number, document_id)
);

-- A change that is 0 in most entries is stored as null there, which takes no space; the view `ledger_entries` shows 0.
create table ledger_rows (
    case_id bigint not null references reservoirs,
    sequence bigint not null check (sequence > 0),
    occurred_at timestamptz not null,
    cycle_number bigint not null,
    task_number bigint,
    balance_change bigint,
    held_change bigint not null,
    purchased_change bigint check (purchased_change <> 0),
    provisional_change bigint check (provisional_change <> 0),
    overage_change bigint check (overage_change > 0),
    balance_after bigint check (balance_after >= 0),
    held_after bigint not null check (held_after >= 0),
    documents bigint,
    caller_id bigint not null,
    kind entry_kind not null,
    category usage_category,
    primary key (case_id, sequence),
    constraint unlimited_together check ((balance_change is null) = (balance_after is null)),
    constraint charges_have_a_category check ((kind = 'CHARGE') = (category is not null)),
    constraint tasks_have_a_number check ((kind in ('RESERVE', 'CHARGE', 'REFUND')) = (task_number is not null)),
    constraint something_changes check (
        coalesce(balance_change, 0) <> 0 or held_change <> 0
        or num_nonnulls(purchased_change, provisional_change, overage_change) > 0
    )
);
-- squawk-ignore require-concurrent-index-creation
create index ledger_rare on ledger_rows (case_id, kind, sequence)
where kind not in ('RESERVE', 'CHARGE', 'REFUND');

create view ledger_entries as
select
    case_id, sequence, occurred_at, cycle_number, task_number, balance_change, held_change,
    coalesce(purchased_change, 0) as purchased_change, coalesce(provisional_change, 0) as provisional_change,
    coalesce(overage_change, 0) as overage_change, balance_after, held_after, documents, caller_id, kind,
    category
from ledger_rows;

-- Keys of what changes a case or a task; what makes a task is remembered with the task.
create table idempotency_keys (
    case_id bigint not null,
    key uuid not null,
    input uuid not null,
    task_number bigint,
    primary key (case_id, key)
);

-- A verdict of a hot step: the tank and the task as they stand after it.
create type task_verdict as (
    verdict text, balance bigint, held bigint, purchased bigint, refilled_on date, task tasks
);
-- What a hot step builds up before it stores it.
create type work as (reservoir reservoirs, task tasks);
