"""What the check asks of tasks: their figures against their entries, and both against their documents (L1, T3)."""

_DOCUMENTS = """
    select *, text + image + audio + video as succeeded
    from (
        select case_id, task_number as number,
            count(*) filter (where outcome = 'f') as failed, count(*) filter (where outcome = 's') as skipped,
            count(*) filter (where outcome = 't') as text, count(*) filter (where outcome = 'i') as image,
            count(*) filter (where outcome = 'a') as audio, count(*) filter (where outcome = 'v') as video
        from task_documents group by case_id, task_number
    ) d
"""
"""How many documents of each task came out how."""

_QUERIES = {
    "Task numbers have no gaps": """
        select r.case_id, f.what, r.tasks, f.counted
        from reservoirs r
        cross join lateral (
            select count(*) as tasks, coalesce(max(number), 0) as last from tasks t where t.case_id = r.case_id
        ) t
        cross join lateral (values ('tasks', t.tasks), ('last task', t.last)) f (what, counted)
        where r.tasks <> f.counted
    """,
    "What running tasks hold is what the reservoir holds": """
        select r.case_id, 'held by running tasks', r.held, coalesce(t.held, 0)
        from reservoirs r
        left join (
            select case_id, sum(reserved - charged - refunded - provisional) as held
            from tasks where status = 'RUNNING' group by case_id
        ) t using (case_id)
        where r.held <> coalesce(t.held, 0)
    """,
    "A task is the sum of its entries": """
        select t.case_id, format('task %s: %s', t.number, f.what), f.stored, f.summed
        from tasks t
        left join (
            select case_id, task_number as number,
                sum(held_change + provisional_change) filter (where kind = 'RESERVE') as reserved,
                sum(overage_change - held_change) filter (where kind = 'CHARGE') as charged,
                sum(-held_change - provisional_change) filter (where kind = 'REFUND') as refunded,
                sum(overage_change) as overage, sum(provisional_change) as provisional
            from ledger_entries where task_number is not null group by case_id, task_number
        ) e using (case_id, number)
        cross join lateral (values
            ('reserved', t.reserved, e.reserved), ('charged', t.charged, e.charged),
            ('refunded', t.refunded, e.refunded), ('overage', t.overage, e.overage),
            ('provisional overage', t.provisional, e.provisional)
        ) f (what, stored, summed)
        where f.stored <> coalesce(f.summed, 0)
    """,
    "A task that has ended holds nothing": """
        select case_id, format('task %s: held', number), reserved - charged - refunded, 0::bigint
        from tasks where status <> 'RUNNING' and reserved <> charged + refunded
    """,
    "A task's counts are those of its documents": """
        select t.case_id, format('task %s: %s', t.number, f.what), f.stored, f.counted
        from tasks t
        left join (DOCUMENTS) d using (case_id, number)
        cross join lateral (values
            ('failed', t.failed, d.failed), ('skipped', t.skipped, d.skipped), ('succeeded', t.succeeded, d.succeeded)
        ) f (what, stored, counted)
        where f.stored <> coalesce(f.counted, 0)
    """,
    "Each category of a task is charged for its documents, and nothing for free ones": """
        select case_id, format('task %s, %s: %s', number, category, f.what), f.stored, f.counted
        from (
            select t.case_id, t.number, f.category, f.documents, f.tokens
            from tasks t
            join (DOCUMENTS) d using (case_id, number)
            cross join lateral (values
                ('SCAN'::task_kind, 'TEXT_SCAN'::usage_category, d.text, d.text * t.text_rate),
                ('SCAN', 'IMAGE_SCAN', d.image, d.image * t.image_rate),
                ('SCAN', 'AUDIO_SCAN', d.audio, d.audio * t.audio_rate),
                ('SCAN', 'VIDEO_SCAN', d.video, d.video * t.video_rate),
                ('MULTI_CODE', 'MULTI_CODE', d.succeeded,
                    d.text * t.text_rate + d.image * t.image_rate + d.audio * t.audio_rate + d.video * t.video_rate)
            ) f (kind, category, documents, tokens)
            where f.kind = t.kind and f.tokens > 0
        ) d
        full join (
            select case_id, task_number as number, category, sum(documents) as documents,
                sum(overage_change - held_change) as tokens
            from ledger_entries where kind = 'CHARGE' and task_number is not null
            group by case_id, task_number, category
        ) e using (case_id, number, category)
        cross join lateral (values
            ('documents charged', coalesce(e.documents, 0), coalesce(d.documents, 0)),
            ('charged', coalesce(e.tokens, 0), coalesce(d.tokens, 0))
        ) f (what, stored, counted)
        where f.stored <> f.counted
    """,
    "Reports give back what documents cost less than was reserved, and the end of a task the rest": """
        select t.case_id, format('task %s: %s', t.number, f.what), f.stored, f.counted
        from tasks t
        cross join lateral (values (greatest(t.text_rate, t.image_rate, t.audio_rate, t.video_rate))) p (price)
        left join (DOCUMENTS) d using (case_id, number)
        cross join lateral (values ((t.documents - coalesce(d.succeeded, 0)) * price)) r (rest)
        left join (
            select case_id, task_number as number, sum(documents) as documents,
                sum(tokens) filter (where documents is not null) as tokens,
                count(*) filter (where documents is null) as ends, sum(tokens) filter (where documents is null) as rest
            from (
                select *, -held_change - provisional_change as tokens from ledger_entries
                where kind = 'REFUND' and task_number is not null
            ) e
            group by case_id, task_number
        ) e using (case_id, number)
        cross join lateral (values
            ('documents refunded', e.documents,
                case when t.text_rate < price then d.text else 0 end
                + case when t.image_rate < price then d.image else 0 end
                + case when t.audio_rate < price then d.audio else 0 end
                + case when t.video_rate < price then d.video else 0 end),
            ('refunded by reports', e.tokens,
                d.text * (price - t.text_rate) + d.image * (price - t.image_rate)
                + d.audio * (price - t.audio_rate) + d.video * (price - t.video_rate)),
            ('refunds at its end', e.ends, (t.status <> 'RUNNING' and r.rest > 0)::int),
            ('refunded at its end', e.rest, case when t.status <> 'RUNNING' then r.rest else 0 end)
        ) f (what, stored, counted)
        where coalesce(f.stored, 0) <> coalesce(f.counted, 0)
    """,
    "A task knows its entries": """
        select t.case_id, format('task %s: %s', t.number, f.what), f.stored, f.found
        from tasks t
        left join (
            select case_id, task_number as number, min(sequence) as first,
                max(sequence) filter (where kind <> 'RESERVE') as last
            from ledger_entries where task_number is not null group by case_id, task_number
        ) e using (case_id, number)
        cross join lateral (values
            ('first entry', t.first_entry, e.first), ('last entry', t.last_entry, e.last)
        ) f (what, stored, found)
        where f.stored is distinct from f.found
    """,
    "A task reserved for each of its documents": """
        select case_id, format('task %s: reserved', number), reserved, expected
        from tasks
        cross join lateral (
            values (documents * greatest(text_rate, image_rate, audio_rate, video_rate))
        ) f (expected)
        where reserved <> expected
    """,
    "Nothing is provisional while tokens are unlimited": """
        select r.case_id, 'provisional while unlimited', sum(t.provisional), 0::bigint
        from reservoirs r join tasks t using (case_id)
        where r.status = 'ACTIVE' and r.cap is null and t.status = 'RUNNING' and t.provisional > 0
        group by r.case_id
    """,
    "Every document belongs to a task": """
        select d.case_id, format('task %s: documents', d.task_number), count(*), 0::bigint
        from task_documents d left join tasks t on t.case_id = d.case_id and t.number = d.task_number
        where t.number is null
        group by d.case_id, d.task_number
    """,
}  # fmt: skip

TASK_CHECKS = {name: query.replace("DOCUMENTS", _DOCUMENTS) for name, query in _QUERIES.items()}
"""Queries by what they check; each answers the differences that it finds: case, what, stored, expected."""
