-- The hot steps: reserve, record outcomes, finish. One call is one round trip and one transaction. Python has decided
-- prices, features, limits and dates; here is checked, under the reservoir's lock, only what can have changed meanwhile.

-- What the idempotency key of a report or an end says (K1): null where it is new.
create or replace function recall_request(p_case bigint, p_key uuid, p_input uuid) returns text language sql as $$
    select case when input = p_input then 'replayed' else 'conflict' end
    from idempotency_keys where case_id = p_case and key = p_key;
$$;

-- Whether something falls due on a case before a command at this instant (C10): its cycle has ended, or a refill up to
-- the day given is not done. p_due_day null: whoever asks does what is due, in its order.
create or replace function is_due(r reservoirs, p_now timestamptz, p_due_day date)
returns boolean language sql immutable as $$
    select p_due_day is not null and (coalesce(r.cycle_ends_at <= p_now, false) or coalesce(r.refilled_on < p_due_day, false));
$$;

-- What counts toward a ceiling on overage: settled in the open cycle, and set aside by running tasks. Each statement sees
-- what was committed before it, so that under the lock nothing is missed.
create or replace function count_overage(v task_verdict, r reservoirs) returns task_verdict language plpgsql as $$
begin
    select coalesce(sum(overage), 0) into v.overage_settled
    from cycle_usage where case_id = r.case_id and cycle_number = r.cycle_number;
    select coalesce(sum(provisional), 0) into v.overage_provisional
    from task_rows where case_id = r.case_id and status = 'RUNNING';
    return v;
end;
$$;

-- Reserves for every document or changes nothing (T2), but for a refill that was due before it, of p_refill tokens a day
-- (L4, C10): after 09:00 that is the first command on nearly every case, and another round trip would double its cost.
-- p_gated: a gate of the terms refuses the task, so that only a replay may answer otherwise. Verdicts: done, replayed,
-- conflict, due (the cycle has ended: do first what is due), stale (decide again with the present terms), gated, short
-- (tokens are missing), ceiling (they are, and would pass the ceiling on overage), overflow (the tank would hold more than
-- p_most, the largest count).
create or replace function create_task(
    p_case bigint, p_caller bigint, p_key uuid, p_now timestamptz, p_terms bigint, p_gated boolean,
    p_kind task_kind, p_scope task_scope, p_mode scan_mode, p_fields smallint, p_documents bigint, p_name text,
    p_tokens bigint, p_rates smallint[], p_most bigint, p_due_day date, p_refill bigint
) returns task_verdict language plpgsql as $$
declare
    v task_verdict;
    r reservoirs;
    t tasks;
    v_held bigint;
begin
    -- A refusal takes no lock and writes nothing: it is first looked for on the row as it stands, then again under the lock.
    select * into r from reservoirs where case_id = p_case;
    for v_attempt in 1..2 loop
        v.verdict := case
            when r.cycle_ends_at <= p_now then 'due'
            when r.terms_version <> p_terms then 'stale'
            when r.refilled_on < p_due_day then null -- the gates come after the refill, and that after the lock
            when p_gated then 'gated'
            when r.balance < p_tokens and not r.overage_enabled then 'short'
            when r.balance < p_tokens and r.overage_ceiling is not null and v_attempt = 1 then null -- counted under the lock
            when r.balance < p_tokens and p_tokens - r.balance > r.overage_ceiling - v.overage_settled - v.overage_provisional
                then 'ceiling'
            when r.held + p_tokens > p_most then 'overflow'
        end;
        if v.verdict is not null or v_attempt = 2 then
            select * into t from tasks where case_id = p_case and key = p_key;
            exit;
        end if;
        r := lock_reservoir(p_case, p_now);
        if r.refilled_on < p_due_day and r.cycle_ends_at > p_now and r.terms_version = p_terms then
            perform refill_cases(
                array[p_case], p_now, p_due_day,
                (select caller_id from callers where organization_id is null and name = 'scheduler'),
                array[r.catalogue], array[r.tier], array[p_refill]
            );
            select * into r from reservoirs where case_id = p_case;
        end if;
        if r.balance < p_tokens and r.overage_ceiling is not null then
            v := count_overage(v, r);
        end if;
    end loop;

    if v.verdict = 'due' then
        return v;
    end if;
    if v.verdict = 'gated' and r.overage_ceiling is not null then
        v := count_overage(v, r); -- for the plan that would let the task pass
    end if;
    -- The task that a key has made holds the whole input (K1).
    if t.number is not null then
        v.verdict := case
            when (t.kind, t.scope, t.mode, t.active_fields, t.documents, t.name)
                is not distinct from (p_kind, p_scope, p_mode, p_fields, p_documents, p_name) then 'replayed'
            else 'conflict'
        end;
    elsif v.verdict is null then
        r.tasks := r.tasks + 1;
        v_held := coalesce(least(p_tokens, r.balance), p_tokens);
        insert into task_rows (
            case_id, number, created_at, documents, reserved, provisional, first_entry, caller_id, key, kind, scope, mode,
            active_fields, text_rate, image_rate, audio_rate, video_rate, name
        ) values (
            p_case, r.tasks, r.changed_at, p_documents, p_tokens, nullif(p_tokens - v_held, 0),
            case when p_tokens > 0 then r.entries + 1 end, p_caller, p_key, p_kind, p_scope, p_mode, p_fields,
            p_rates[1], p_rates[2], p_rates[3], p_rates[4], p_name
        );
        r := append_entry(r, 'RESERVE', -v_held, v_held, 0, p_tokens - v_held, 0, null, r.tasks, null, p_caller);
        perform store_reservoir(r);
        select * into t from tasks where case_id = p_case and number = r.tasks;
        v.verdict := 'done';
    end if;
    v.balance := r.balance;
    v.held := r.held;
    v.purchased := r.purchased;
    v.refilled_on := r.refilled_on;
    v.task := t;
    return v;
end;
$$;

-- Gives back part of what a task has set aside: provisional overage first (T5), the rest to the balance. p_documents: how
-- many were cheaper than reserved; null at the end of the task, where its row says what the refund is for.
create or replace function refund_task(w work, p_documents bigint, p_tokens bigint, p_caller bigint)
returns work language plpgsql as $$
declare
    v_released bigint := least(p_tokens, (w.task).provisional);
    v_returned bigint := p_tokens - v_released;
begin
    if p_tokens = 0 then
        return w;
    end if;
    w.task.refunded := (w.task).refunded + p_tokens;
    w.task.provisional := (w.task).provisional - v_released;
    w.reservoir := append_entry(
        w.reservoir, 'REFUND', v_returned, -v_returned, 0, -v_released, 0, null, (w.task).number, p_documents, p_caller
    );
    w.task.last_entry := (w.reservoir).entries;
    w.reservoir := clamp_refund(w.reservoir, p_caller);
    return w;
end;
$$;

-- Charges one category: the task's own held part first, then its provisional overage, which so becomes settled (T5).
-- Bought tokens are spent after granted ones (L3).
create or replace function charge_task(
    w work, p_category usage_category, p_documents bigint, p_tokens bigint, p_caller bigint
) returns work language plpgsql as $$
declare
    r reservoirs := w.reservoir;
    t tasks := w.task;
    v_held bigint := least(p_tokens, t.reserved - t.charged - t.refunded - t.provisional);
    v_overage bigint := p_tokens - v_held;
    v_bought bigint := coalesce(greatest(0, r.purchased - (r.balance + r.held - v_held)), 0);
begin
    if p_tokens = 0 then
        return w;
    end if;
    w.task.charged := t.charged + p_tokens;
    w.task.provisional := t.provisional - v_overage;
    w.task.overage := t.overage + v_overage;
    w.reservoir := append_entry(
        r, 'CHARGE', 0, -v_held, -v_bought, -v_overage, v_overage, p_category, t.number, p_documents, p_caller
    );
    w.task.last_entry := (w.reservoir).entries;
    insert into cycle_usage as u (case_id, cycle_number, category, charged, overage)
    values (r.case_id, r.cycle_number, p_category, p_tokens, v_overage)
    on conflict (case_id, cycle_number, category)
    do update set charged = u.charged + excluded.charged, overage = u.overage + excluded.overage;
    return w;
end;
$$;

create or replace function store_task(t tasks) returns void language sql as $$
    update task_rows
    set succeeded = nullif(t.succeeded, 0), failed = nullif(t.failed, 0), skipped = nullif(t.skipped, 0),
        charged = nullif(t.charged, 0), refunded = nullif(t.refunded, 0), overage = nullif(t.overage, 0),
        provisional = nullif(t.provisional, 0), last_entry = t.last_entry, status = t.status,
        reported_at = t.reported_at, finished_at = t.finished_at
    where case_id = t.case_id and number = t.number;
$$;

-- Takes a report: the first outcome of a document stands, a repeat changes nothing (T4). Every document comes once, in one
-- text with a separator that no id holds (an array costs the client more than the insert costs the server), and has the
-- letter of its outcome: f failed, s skipped, t i a v succeeded in that mode, d succeeded in the task's own mode.
-- p_idle_since: a task without a sign of life since then is to be abandoned first (C10). Verdicts: done, replayed,
-- conflict, due, unknown (no such task), finished, idle, mode_missing, mode_unexpected, too_many.
create or replace function record_outcomes(
    p_case bigint, p_task bigint, p_caller bigint, p_key uuid, p_input uuid, p_now timestamptz,
    p_documents text, p_separator text, p_letters text, p_names_modes boolean, p_leaves_modes_out boolean,
    p_due_day date, p_idle_since timestamptz
) returns task_verdict language plpgsql as $$
declare
    v_documents text[];
    v task_verdict;
    r reservoirs := lock_reservoir(p_case, p_now);
    t tasks;
    w work;
    v_known bigint;
    v_new bigint;
    v_own "char";
    v_failed bigint;
    v_skipped bigint;
    v_text bigint;
    v_image bigint;
    v_audio bigint;
    v_video bigint;
    v_done bigint;
    v_price bigint;
begin
    if is_due(r, p_now, p_due_day) then
        v.verdict := 'due';
        return v;
    end if;
    select * into t from tasks where case_id = p_case and number = p_task;
    if not found then
        v.verdict := 'unknown';
        return v;
    end if;
    v.verdict := recall_request(p_case, p_key, p_input);
    v_known := t.succeeded + t.failed + t.skipped;
    if v.verdict is null then
        v.verdict := case
            when t.status <> 'RUNNING' then 'finished'
            when coalesce(t.reported_at, t.created_at) <= p_idle_since then 'idle'
            when t.mode = 'AUTO' and p_leaves_modes_out then 'mode_missing'
            when t.mode <> 'AUTO' and p_names_modes then 'mode_unexpected'
        end;
    end if;
    if v.verdict is null then
        v_documents := string_to_array(p_documents, p_separator);
    end if;
    -- New documents are counted beforehand only where they could be too many.
    if v.verdict is null and v_known + cardinality(v_documents) > t.documents then
        select count(*) into v_new from unnest(v_documents) d (id)
        where not exists (
            select from task_documents k where k.case_id = p_case and k.task_number = p_task and k.document_id = d.id
        );
        if v_known + v_new > t.documents then
            v.verdict := 'too_many';
        end if;
    end if;
    if v.verdict is not null then
        v.task := t;
        return v;
    end if;

    v_own := case t.mode when 'TEXT' then 't' when 'IMAGE' then 'i' when 'AUDIO' then 'a' when 'VIDEO' then 'v' end;
    with added as (
        insert into task_documents (case_id, task_number, outcome, document_id)
        select p_case, p_task, case d.letter when 'd' then v_own else d.letter::"char" end, d.id
        from unnest(v_documents, string_to_array(p_letters, null)) d (id, letter)
        on conflict do nothing
        returning outcome
    )
    select
        count(*) filter (where outcome = 'f'), count(*) filter (where outcome = 's'),
        count(*) filter (where outcome = 't'), count(*) filter (where outcome = 'i'),
        count(*) filter (where outcome = 'a'), count(*) filter (where outcome = 'v')
    into v_failed, v_skipped, v_text, v_image, v_audio, v_video from added;

    t.failed := t.failed + v_failed;
    t.skipped := t.skipped + v_skipped;
    v_done := v_text + v_image + v_audio + v_video;
    v_price := t.reserved / t.documents;
    t.succeeded := t.succeeded + v_done;
    t.reported_at := r.changed_at;
    w := row(r, t);
    if t.kind = 'SCAN' then
        w := charge_task(w, 'TEXT_SCAN', v_text, v_text * t.text_rate, p_caller);
        w := charge_task(w, 'IMAGE_SCAN', v_image, v_image * t.image_rate, p_caller);
        w := charge_task(w, 'AUDIO_SCAN', v_audio, v_audio * t.audio_rate, p_caller);
        w := charge_task(w, 'VIDEO_SCAN', v_video, v_video * t.video_rate, p_caller);
    else
        w := charge_task(
            w, 'MULTI_CODE', v_done,
            v_text * t.text_rate + v_image * t.image_rate + v_audio * t.audio_rate + v_video * t.video_rate, p_caller
        );
    end if;
    -- What a succeeded document reserved beyond its charge comes back with the outcome that resolves it (T3).
    w := refund_task(
        w,
        case when t.text_rate < v_price then v_text else 0 end + case when t.image_rate < v_price then v_image else 0 end
        + case when t.audio_rate < v_price then v_audio else 0 end
        + case when t.video_rate < v_price then v_video else 0 end,
        v_done * v_price - ((w.task).charged - t.charged),
        p_caller
    );
    perform store_task(w.task);
    perform store_reservoir(w.reservoir);
    insert into idempotency_keys (case_id, key, input, task_number) values (p_case, p_key, p_input, p_task);
    v.verdict := 'done';
    v.task := w.task;
    return v;
end;
$$;

-- Ends a task and gives back everything that it still holds, in one entry (T3, T6). p_key null: nobody's call but the
-- sweep of abandoned tasks, which ends it only if it is still running and without a report since p_idle_since; for all
-- others such a task is to be abandoned first (C10). Verdicts: done, replayed, conflict, due, unknown, finished, idle.
create or replace function finish_task(
    p_case bigint, p_task bigint, p_caller bigint, p_key uuid, p_input uuid, p_now timestamptz,
    p_end task_status, p_idle_since timestamptz, p_due_day date
) returns task_verdict language plpgsql as $$
declare
    v task_verdict;
    r reservoirs := lock_reservoir(p_case, p_now);
    t tasks;
    w work;
begin
    if is_due(r, p_now, p_due_day) then
        v.verdict := 'due';
        return v;
    end if;
    select * into t from tasks where case_id = p_case and number = p_task;
    if not found then
        v.verdict := 'unknown';
        return v;
    end if;
    v.verdict := recall_request(p_case, p_key, p_input);
    if v.verdict is null then
        v.verdict := case
            when t.status <> 'RUNNING' and (p_key is null or t.status <> p_end) then 'finished'
            when p_key is null and coalesce(t.reported_at, t.created_at) > p_idle_since then 'finished'
            when t.status = 'RUNNING' and p_key is not null and coalesce(t.reported_at, t.created_at) <= p_idle_since
                then 'idle'
        end;
    end if;
    if v.verdict is null then
        if t.status = 'RUNNING' then
            t.status := p_end;
            t.finished_at := r.changed_at;
            w := refund_task(row(r, t), null, t.reserved - t.charged - t.refunded, p_caller);
            t := w.task;
            perform store_task(t);
            perform store_reservoir(w.reservoir);
        end if;
        insert into idempotency_keys (case_id, key, input, task_number)
        select p_case, p_key, p_input, p_task where p_key is not null;
        v.verdict := 'done';
    end if;
    v.task := t;
    return v;
end;
$$;

-- A deactivation cancels every running task of a case and gives back what it holds, in their order (L6). Returns how many.
create or replace function cancel_tasks(p_case bigint, p_caller bigint, p_now timestamptz)
returns bigint language plpgsql as $$
declare
    w work;
    t tasks;
    v_ended bigint := 0;
begin
    w.reservoir := lock_reservoir(p_case, p_now);
    for t in select * from tasks where case_id = p_case and status = 'RUNNING' order by number loop
        t.status := 'CANCELLED';
        t.finished_at := (w.reservoir).changed_at;
        w.task := t;
        w := refund_task(w, null, t.reserved - t.charged - t.refunded, p_caller);
        perform store_task(w.task);
        v_ended := v_ended + 1;
    end loop;
    perform store_reservoir(w.reservoir);
    return v_ended;
end;
$$;

-- An upgrade to unlimited tokens turns the provisional overage of running tasks into held tokens (T5).
create or replace function hold_provisional(p_case bigint, p_caller bigint, p_now timestamptz)
returns void language plpgsql as $$
declare
    r reservoirs := lock_reservoir(p_case, p_now);
    t tasks;
begin
    for t in select * from tasks where case_id = p_case and status = 'RUNNING' and provisional > 0 order by number loop
        r := append_entry(
            r, 'UPGRADE_FILL', 0, t.provisional, 0, -t.provisional, 0, null, t.number, null, p_caller
        );
        t.provisional := 0;
        t.last_entry := r.entries;
        perform store_task(t);
    end loop;
    perform store_reservoir(r);
end;
$$;

-- The sweep ends a task that is still idle, unless somebody holds its case. Verdicts: as of finish_task, and held.
create or replace function abandon_task(
    p_case bigint, p_task bigint, p_caller bigint, p_now timestamptz, p_idle_since timestamptz
) returns text language plpgsql as $$
begin
    perform from reservoirs where case_id = p_case for no key update skip locked;
    if not found then
        return 'held';
    end if;
    return (finish_task(p_case, p_task, p_caller, null, null, p_now, 'ABANDONED', p_idle_since, null)).verdict;
end;
$$;
