"""Everything that the pages of a case's plan show, out of one snapshot (C1-C3, A2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.ledger import EntryKind, LedgerEntry
from app.domain.subscriptions import Subscription, TimelineEvent
from app.domain.tasks import RunningTasks
from app.services.due import bring_up_to_date
from app.services.ports import Ports
from app.storage import cases, ledger, subscriptions, tasks


@dataclass(frozen=True, slots=True)
class PlanOverview:
    """subscription None: the case was never activated. events: the newest first, has_more: older ones follow.

    bought: the latest purchase of tokens, if it was asked for.
    """

    case: Case
    subscription: Subscription | None
    running: RunningTasks
    events: Sequence[TimelineEvent]
    has_more: bool
    bought: LedgerEntry | None


async def find_plan_overview(
    ports: Ports, viewer: Viewer, uuid: UUID, *, events: int, before: int | None = None, bought: bool = False
) -> PlanOverview | None:
    """With all done that is due, so that previews say what then happens.

    events: how many at most; before: only those with smaller numbers. None: no such case for the viewer (A2).
    """
    asked = partial(_read, ports, viewer, uuid, events=events, before=before, bought=bought)
    found = await asked()
    if found is not None and found.case.is_behind(found.case.now(ports.clock())):
        await bring_up_to_date(ports, found.case.terms)
        found = await asked()
    return found


async def _read(
    ports: Ports, viewer: Viewer, uuid: UUID, *, events: int, before: int | None, bought: bool
) -> PlanOverview | None:
    async with ports.database.snapshot() as connection:
        case = await cases.find_case(connection, uuid)
        if case is None or not viewer.sees(case.organization.organization_id):
            return None
        case_id = case.terms.case_id
        rows = await subscriptions.page_of_timeline(connection, case_id, after=before, limit=events + 1)
        purchases: Sequence[LedgerEntry] = ()
        if bought:
            kinds = [EntryKind.PURCHASE]
            purchases = await ledger.page_of_entries(connection, case_id, kinds=kinds, after=None, limit=1)
        return PlanOverview(
            case=case,
            subscription=await subscriptions.find_subscription(connection, case_id),
            running=await tasks.running_tasks(connection, case_id),
            events=rows[:events],
            has_more=len(rows) > events,
            bought=purchases[0] if purchases else None,
        )
