-- Rules C6 to C9. Amounts are whole cents of CAD.

alter table organizations add column tax_rate numeric(6, 5) not null default 0;
alter table organizations add constraint tax_rate_is_a_share check (tax_rate >= 0 and tax_rate < 1) not valid;
alter table organizations add column contract_id text;

-- Cycles before this one began before there were invoices, and were billed by hand; the open one's end is billed.
alter table cases add column first_billed_cycle bigint not null default 1;
update cases c set first_billed_cycle = r.cycle_number + 1 from reservoirs r where r.case_id = c.case_id and r.cycle_number > 0;

-- The most overage tokens in a cycle that new tasks may set aside or have settled; null: no limit.
alter table reservoirs add column overage_ceiling bigint;
alter table reservoirs add constraint overage_ceiling_is_not_negative check (overage_ceiling >= 0) not valid;
alter type task_verdict add attribute overage_settled bigint, add attribute overage_provisional bigint;

-- A page about all cases has none of its own: operators.
-- squawk-ignore ban-drop-not-null
alter table sessions alter column case_id drop not null;
-- squawk-ignore ban-drop-not-null
alter table sign_in_links alter column case_id drop not null;

create type invoice_status as enum ('PENDING', 'OPEN', 'PAID', 'VOID');
create type invoice_line_kind as enum ('PLAN', 'PRORATION_CREDIT', 'OVERAGE', 'TOKEN_PURCHASE', 'TAX');

-- month: that of the plan-dates of a monthly invoice; null: an invoice of one case, by card. paid: cents received, of which
-- so many elsewhere than by our cards, as the operator says who marked it so, or as void. As of its issue: billed_to, the
-- name of the organization; rate, of its tax, 0 without any; issued_on, the clock whose time issued_at is.
create table invoices (
    invoice_id bigint generated always as identity primary key,
    uuid uuid not null default gen_random_uuid() unique,
    organization_id bigint not null references organizations,
    clock_id bigint references test_clocks,
    case_id bigint references reservoirs,
    number bigint,
    total bigint,
    paid bigint not null default 0,
    elsewhere bigint not null default 0,
    marked_by bigint references callers,
    issued_on bigint,
    issued_at timestamptz,
    settled_at timestamptz,
    attempted_at timestamptz,
    month date,
    status invoice_status not null default 'PENDING',
    rate numeric(6, 5),
    billed_to text,
    constraint numbered_once_issued check ((status = 'PENDING') = (number is null)),
    constraint dated_once_issued check ((status = 'PENDING') = (issued_at is null)),
    constraint summed_once_issued check ((status = 'PENDING') = (total is null)),
    constraint billed_once_issued check ((status = 'PENDING') = (billed_to is null) and (rate is null) = (billed_to is null)),
    constraint total_is_not_negative check (total >= 0),
    constraint paid_up check (paid >= 0 and paid <= coalesce(total, 0) and (status <> 'PAID' or paid = total)),
    constraint marked_by_somebody check ((elsewhere > 0 or status = 'VOID') = (marked_by is not null)),
    constraint received_elsewhere check (elsewhere between 0 and paid and (status <> 'VOID' or paid = 0)),
    constraint settled_once_issued check (settled_at >= issued_at),
    constraint of_a_month_or_of_a_case check ((month is null) = (case_id is not null)),
    constraint of_a_first_day check (month = date_trunc('month', month)::date)
);
create unique index invoices_by_number on invoices (organization_id, number) where number is not null;
create index invoices_by_issue on invoices (organization_id, issued_at, invoice_id);
create index invoices_in_order_of_issue on invoices (issued_at, invoice_id);
-- What waits for its month's end: one of each organization, time and month.
create unique index invoices_waiting on invoices (organization_id, month)
    where status = 'PENDING' and month is not null and clock_id is null;
create unique index invoices_waiting_on_clocks on invoices (organization_id, clock_id, month)
    where status = 'PENDING' and month is not null and clock_id is not null;
-- What a card has to pay; each is tried once at its issue, then when somebody asks for it.
create index invoices_to_collect on invoices (invoice_id) where status = 'OPEN' and month is null and attempted_at is null;

create table invoice_numbers (
    organization_id bigint primary key references organizations,
    last bigint not null
);

-- until: the planned end of the period that a PLAN pays for, or that a credit gives back. credit_of: the change of plan
-- that gave the credit. entry: that of a purchase. rate: of tax. cycle_number: the cycle that it is about.
create table invoice_lines (
    case_id bigint not null references reservoirs,
    line_id bigint generated always as identity,
    invoice_id bigint not null references invoices,
    quantity bigint not null,
    unit_price bigint not null,
    amount bigint not null,
    cycle_number bigint,
    credit_of bigint,
    entry bigint,
    effective_at timestamptz not null,
    until timestamptz,
    kind invoice_line_kind not null,
    tier plan_tier,
    rate numeric(6, 5),
    primary key (case_id, line_id),
    constraint amount_is_exact check (amount = quantity * unit_price),
    constraint only_credits_are_negative check ((kind = 'PRORATION_CREDIT') = (amount < 0)),
    constraint a_credit_comes_from_a_change check ((kind = 'PRORATION_CREDIT') = (credit_of is not null)),
    constraint a_purchase_has_its_entry check ((kind = 'TOKEN_PURCHASE') = (entry is not null)),
    constraint tax_has_a_rate check ((kind = 'TAX') = (rate is not null)),
    constraint of_a_cycle check ((kind = 'TAX') or cycle_number is not null)
);
create index invoice_lines_by_invoice on invoice_lines (invoice_id, case_id, line_id);
create index invoice_lines_of_case on invoice_lines (case_id, invoice_id);
create unique index one_plan_line_a_cycle on invoice_lines (case_id, cycle_number) where kind = 'PLAN';
create unique index one_overage_line_a_cycle on invoice_lines (case_id, cycle_number) where kind = 'OVERAGE';
create unique index one_line_a_purchase on invoice_lines (case_id, entry) where kind = 'TOKEN_PURCHASE';

create type payment_purpose as enum ('PLAN', 'TOKENS', 'INVOICE');
create type payment_status as enum ('OPEN', 'APPLIED', 'NOT_APPLIED', 'DECLINED', 'EXPIRED');

-- A payment that somebody has begun. OPEN: nothing has changed yet. NOT_APPLIED: it was paid for what could not be had any
-- more. checkout: the page where a person pays; null: a saved card is charged. key: that of the call. refund_due: cents to
-- be given back. role, origin: with what right it was begun.
create table payments (
    payment_id bigint generated always as identity primary key,
    uuid uuid not null default gen_random_uuid() unique,
    case_id bigint not null references reservoirs,
    caller_id bigint not null references callers,
    invoice_id bigint references invoices,
    amount bigint not null check (amount > 0),
    refund_due bigint not null default 0,
    refunded bigint not null default 0,
    tokens bigint,
    key uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    purpose payment_purpose not null,
    status payment_status not null default 'OPEN',
    closed boolean not null default false, -- nothing can be received for it that we do not know of
    role caller_role not null,
    origin text not null,
    tier plan_tier,
    payment_method payment_method,
    checkout text,
    constraint of_its_purpose check (
        case purpose
            when 'PLAN' then tier is not null
            when 'TOKENS' then tokens is not null
            else invoice_id is not null
        end
    ),
    constraint ended_or_open check ((status = 'OPEN') = (ended_at is null)),
    constraint gives_back_what_was_paid check (refund_due >= 0 and refunded >= 0 and refund_due + refunded <= amount),
    constraint is_known_once_received check (closed or status not in ('APPLIED', 'NOT_APPLIED'))
);
create unique index one_payment_a_key on payments (case_id, key) where status in ('OPEN', 'APPLIED');
create unique index one_checkout_a_purpose on payments (case_id, purpose)
    where status in ('OPEN', 'DECLINED') and checkout is not null;
create index payments_to_refund on payments (payment_id) where refund_due > 0;
create index payments_not_closed on payments (payment_id) where not closed;

-- What the simulated processor knows of the saved card of a case.
create table simulated_cards (
    case_id bigint primary key references reservoirs,
    declines boolean not null
);

-- What the simulated processor was asked to charge, and whether it still may. received and refunded: cents.
create table simulated_payments (
    uuid uuid primary key,
    amount bigint not null check (amount >= 0),
    received bigint not null default 0,
    refunded bigint not null default 0,
    ended boolean not null,
    constraint refunds_what_was_received check (refunded >= 0 and refunded <= received and received <= amount)
);

-- What people have asked for who may not be invoiced monthly yet: the work list of operators (C7).
create table invoicing_requests (
    request_id bigint generated always as identity primary key,
    case_id bigint not null references reservoirs,
    caller_id bigint not null references callers,
    asked_at timestamptz not null,
    done_at timestamptz,
    done_by bigint references callers,
    details jsonb not null
);
create unique index one_open_request_a_case on invoicing_requests (case_id) where done_at is null;
