"""Whether a change of plan did exactly what its preview said (C2, C3, L5 to L7)."""

from collections.abc import Iterator

from tests.model.history_commands import (
    Activate,
    Command,
    Deactivate,
    PreviewChange,
    PreviewDeactivation,
    Reactivate,
    ScheduleDowngrade,
    Upgrade,
)
from tests.model.history_differences import differences
from tests.model.model_charges import NOTHING
from tests.model.model_results import Preview, Result
from tests.model.model_snapshot import Snapshot

LOSSES = {"DOWNGRADE_CLAMP", "DEACTIVATION_CLEAR"}
Begun = Activate | Reactivate | Upgrade


def preview_before(command: Command) -> PreviewChange | PreviewDeactivation | None:
    """What somebody asks before they do it; None for what has no preview."""
    if isinstance(command, Deactivate):
        return PreviewDeactivation(case=command.case, at=command.at)
    if isinstance(command, Begun | ScheduleDowngrade):
        return PreviewChange(case=command.case, tier=command.tier, at=command.at)
    return None


def broken_promises(said: Result, command: Command, before: Snapshot, after: Snapshot) -> Iterator[str]:
    """A line for everything in which a change that was just made is not what the preview said."""
    assert isinstance(said, Preview)
    assert after.subscription is not None
    yield from differences(said.allowed, True, "allowed")
    yield from differences(said.balance_before, before.reservoir.balance, "balance_before")
    if isinstance(command, ScheduleDowngrade):
        yield from differences((command.tier, said.effective_at), after.subscription.downgrade, "downgrade")
        yield from differences((before.reservoir, before.entries), (after.reservoir, after.entries), "at once")
        yield from differences((said.charge_now, said.credit), (NOTHING, NOTHING), "charge_now, credit")
        return
    yield from differences(said.effective_at, command.at, "effective_at")
    yield from differences(said.balance_after, after.reservoir.balance, "balance_after")
    lost = -sum(entry.balance_change or 0 for entry in after.entries[len(before.entries) :] if entry.kind in LOSSES)
    unlimited = before.reservoir.cap is None
    yield from differences(said.tokens_lost, 0 if unlimited else lost, "tokens_lost")
    charge = after.charges[-1]
    if not isinstance(command, Activate | Reactivate) or command.payment_method == assumed_payment(before):
        yield from differences((said.charge_now, said.credit), (charge.now, charge.earned), "charge_now, credit")
    if isinstance(command, Begun):
        cycle = after.subscription.cycle
        yield from differences((said.effective_at, command.tier), cycle and (cycle.starts_at, cycle.tier), "cycle")


def broken_downgrade(said: Result, before: Snapshot, after: Snapshot) -> Iterator[str]:
    """The same for a downgrade: previewed in the last moment of its cycle, looked at right after it."""
    assert isinstance(said, Preview)
    assert before.subscription is not None
    assert after.subscription is not None
    assert after.subscription.cycle is not None
    yield from differences(
        (said.allowed, said.effective_at), (True, after.subscription.cycle.starts_at), "effective_at"
    )
    yield from differences(before.subscription.downgrade, (after.subscription.tier, said.effective_at), "downgrade")
    had, has = before.reservoir.balance, after.reservoir.balance
    yield from differences((said.balance_before, said.balance_after), (had, has), "balance_before, balance_after")
    yield from differences(said.tokens_lost, 0 if had is None or has is None else had - has, "tokens_lost")


def assumed_payment(before: Snapshot) -> str:
    """A preview knows no payment method but the one there was; a first plan is taken to be paid by card."""
    return before.subscription.payment_method if before.subscription else "CARD"
