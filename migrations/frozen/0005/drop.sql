-- Whoever calls these is stopped while this migration runs: a process of before reserves nothing and refills nobody.
-- squawk-ignore ban-drop-function
drop function create_task(
    bigint, bigint, uuid, timestamptz, bigint, boolean, task_kind, task_scope, scan_mode, smallint, bigint, text, bigint,
    smallint[], bigint, date
);
-- squawk-ignore ban-drop-function
drop function refill_batch(timestamptz, date, bigint, bigint[], plan_tier[], bigint[], bigint);
