"""What the check asks of fills, clamps, clears and bought tokens (L2, L3, L5-L7)."""

from app.storage.check_views import CYCLES, TANKS

_CLAMPED = """case
    when least is null then null
    when t.cap is null then t.purchased + greatest(0, least - t.held_after) - t.balance
    else -least(greatest(0, t.granted - t.balance_change - least), greatest(0, t.balance - t.purchased))
end"""

LIMIT_CHECKS = {
    "Nothing is granted above the cap": f"""
        select case_id, format('entry %s: granted', sequence), granted, cap
        from {TANKS} t
        where entered and granted > cap and balance_change + held_change - purchased_change > 0
    """,
    "Nothing that was granted is free while held tokens keep the tank above its cap": f"""
        select case_id, format('entry %s, cycle %s: free', sequence, cycle), balance_after - purchased, 0::bigint
        from {TANKS} t
        where granted > cap and balance_after > purchased
            and not (kind = 'REFUND' and next_kind is not distinct from 'DOWNGRADE_CLAMP')
    """,
    "A fill fills the tank": f"""
        select case_id, format('entry %s: fill', sequence), balance_change, missing
        from {TANKS} t
        cross join lateral (values (greatest(0, cap - (granted - balance_change)))) f (missing)
        where kind in ('ACTIVATION_FILL', 'REACTIVATION_FILL', 'UPGRADE_FILL') and entered and cap is not null
            and balance_change is distinct from missing
        union all
        select case_id, format('cycle %s: fill', cycle), 0::bigint, cap - granted
        from {TANKS} t
        where not entered and granted < cap and opened_by in ('REACTIVATED', 'UPGRADED')
            and not (next_cycle is not distinct from cycle and next_kind in ('REACTIVATION_FILL', 'UPGRADE_FILL'))
    """,
    "An upgrade to unlimited tokens holds what was provisional": f"""
        select case_id, format('entry %s: held', sequence), held_change, -provisional_change
        from {TANKS} t
        where kind = 'UPGRADE_FILL' and entered and task_number is not null
            and (held_change <> -provisional_change or cap is not null)
    """,
    "A clamp takes what is above the cap of the plan that follows, and nothing that was bought": f"""
        select t.case_id, format('entry %s: clamp', t.sequence), t.balance_change, f.clamped
        from {TANKS} t
        left join {CYCLES} n on n.case_id = t.case_id and n.number = t.cycle + 1 and n.opened_by = 'DOWNGRADED'
            and t.next_cycle is distinct from t.cycle
        cross join lateral (values (coalesce(n.cap, t.cap))) l (least)
        cross join lateral (values ({_CLAMPED})) f (clamped)
        where t.kind = 'DOWNGRADE_CLAMP' and t.entered and t.balance_change is distinct from f.clamped
    """,
    "A deactivation leaves nothing": f"""
        select t.case_id, format('entry %s: %s', t.sequence, f.what), f.stored, 0::bigint
        from {TANKS} t
        cross join lateral (values
            ('balance left', t.balance_after), ('held left', t.held_after), ('bought left', t.purchased)
        ) f (what, stored)
        where f.stored <> 0 and (
            t.kind = 'DEACTIVATION_CLEAR' and t.entered
            or t.next_cycle is distinct from t.cycle and (t.case_id, t.cycle) in (
                select case_id, cycle_number from plan_changes where kind = 'DEACTIVATED'
            )
        )
    """,
    "Bought tokens come by purchases, and are spent after granted ones": f"""
        select case_id, format('entry %s: bought', sequence), purchased_change, expected
        from {TANKS} t
        cross join lateral (values (case
            when kind = 'PURCHASE' then balance_change
            when kind = 'DEACTIVATION_CLEAR' then purchased_change - purchased
            when kind = 'CHARGE' and granted is not null then least(0, granted + purchased_change)
            else 0
        end)) f (expected)
        where entered and purchased_change is distinct from expected
    """,
}  # fmt: skip
