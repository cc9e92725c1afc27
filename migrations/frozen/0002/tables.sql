create type language as enum ('en_CA', 'fr_CA');
alter table callers add column language language;

create table sign_in_links (
    digest bytea primary key check (octet_length(digest) = 32),
    caller_id bigint not null references callers,
    case_id bigint not null references cases,
    role caller_role not null,
    once boolean not null,
    expires_at timestamptz not null
);

create table sessions (
    digest bytea primary key check (octet_length(digest) = 32),
    caller_id bigint not null references callers,
    case_id bigint not null references cases,
    role caller_role not null,
    expires_at timestamptz not null
);
-- squawk-ignore require-concurrent-index-creation
create index sessions_by_expiry on sessions (expires_at);
