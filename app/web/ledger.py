"""The page of the statement: every entry of a case, filtered by addresses alone (L1, C4, A2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.adapters.languages import capitalized, mark
from app.adapters.task_texts import CATEGORIES, task_name
from app.domain.cycles import Month
from app.domain.ledger import GRANTS, EntryKind
from app.domain.rates import UsageCategory
from app.services.statements import Selection, Statement, find_statement
from app.web.addresses import NotUnderstood, address, asked, number_of
from app.web.entry_views import entry_days
from app.web.readers import Reader
from app.web.tasks import Choice
from app.web.visits import Visit

KINDS: Mapping[str | None, tuple[str, Sequence[EntryKind] | None]] = {
    None: (mark("All"), None),
    "grants": (mark("Grants"), GRANTS),
    "reserves": (mark("Reserves"), (EntryKind.RESERVE,)),
    "charges": (mark("Charges"), (EntryKind.CHARGE,)),
    "refunds": (mark("Refunds"), (EntryKind.REFUND,)),
    "overage": (mark("Overage"), (EntryKind.CHARGE,)),
    "other": (
        mark("Other"),
        (EntryKind.PURCHASE, EntryKind.DOWNGRADE_CLAMP, EntryKind.DEACTIVATION_CLEAR, EntryKind.ADJUSTMENT),
    ),
}


@dataclass(frozen=True, slots=True)
class FilterRow:
    """A row of links, one of them chosen."""

    label: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class OnlyTask:
    """The task that the statement is narrowed to; name None: it does not exist."""

    name: str | None
    href: str
    without: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of an address, as they stand in it."""

    kind: str | None
    month: Month | None
    task: int | None
    category: UsageCategory | None
    before: int | None

    @classmethod
    def of(cls, request: Request) -> "Asked":
        """NotUnderstood where a value means nothing."""
        return cls(
            kind=asked(request, "kind", _kind),
            month=asked(request, "month", Month.parse),
            task=asked(request, "task", number_of),
            category=asked(request, "category", UsageCategory),
            before=asked(request, "before", number_of),
        )

    def selection(self) -> Selection:
        return Selection(
            KINDS[self.kind][1], self.month, self.task, self.category, self.before, overage=self.kind == "overage"
        )

    def with_(self, path: str, **changed: object) -> str:
        """The address with some filters changed; the others stay, but a new filter begins with the newest entry."""
        values: dict[str, Any] = {
            "kind": self.kind, "month": self.month, "task": self.task, "category": self.category, "before": None,
        }  # fmt: skip
        return address(path, {**values, **changed})


async def ledger(visit: Visit) -> Response:
    """The statement, newest first."""
    session, reader = visit.session, replace(visit.reader, near="")
    try:
        filters = Asked.of(visit.request)
    except NotUnderstood:
        return await visit.not_understood(tab="ledger", way_out=f"{reader.base}/ledger")
    statement = await find_statement(visit.ports, session.viewer, session.case_uuid, filters.selection())
    assert statement is not None, "a session is bound to a case"
    path = f"{reader.base}/ledger"
    oldest = statement.entries[-1].sequence if statement.entries else None
    return visit.page(
        "ledger.html",
        tab="ledger",
        reader=reader,
        case=statement.case,
        here=filters.with_(path, before=filters.before),
        filters=_filters(filters, statement, reader, path),
        only_task=_only_task(filters, statement, reader, path),
        days=entry_days(statement.entries, reader, statement.telling.tasks, statement.telling.tiers),
        newest=filters.with_(path) if filters.before is not None else None,
        older=filters.with_(path, before=oldest) if statement.has_more else None,
        unfiltered=filters == _EVERYTHING,
    )


_EVERYTHING = Asked(None, None, None, None, None)


def _kind(text: str) -> str:
    if text not in KINDS:
        raise NotUnderstood
    return text


def _filters(filters: Asked, statement: Statement, reader: Reader, path: str) -> list[FilterRow]:
    words = reader.words
    # Only charges have a category: it goes where anything else is chosen.
    kinds = [
        Choice(
            words.say(label),
            filters.with_(path, kind=name, category=filters.category if name == "charges" else None),
            name == filters.kind,
        )
        for name, (label, _) in KINDS.items()
    ]
    rows = [FilterRow(words.say("Filter by kind"), kinds)]
    if filters.kind == "charges" or filters.category is not None:
        rows.append(FilterRow(words.say("Filter by category"), _categories(filters, reader, path)))
    if any(statement.months) or filters.month is not None:
        rows.append(FilterRow(words.say("Filter by month"), _months(filters, statement, reader, path)))
    return rows


def _categories(filters: Asked, reader: Reader, path: str) -> list[Choice]:
    """Every category that is charged today, and whatever else the address names."""
    words = reader.words
    shown = [each for each in UsageCategory if each is not UsageCategory.CHAT or each is filters.category]
    return [
        Choice(words.say("All categories"), filters.with_(path, category=None), filters.category is None),
        *(
            Choice(
                capitalized(words.say(CATEGORIES[each])), filters.with_(path, category=each), each is filters.category
            )
            for each in shown
        ),
    ]


def _months(filters: Asked, statement: Statement, reader: Reader, path: str) -> list[Choice]:
    """The month that is shown between its neighbours; without one, the latest."""
    words = reader.words
    before, after = statement.months
    shown = [month for month in (before, filters.month, after) if month is not None]
    return [
        Choice(words.say("All months"), filters.with_(path, month=None), filters.month is None),
        *(
            Choice(capitalized(words.month(month)), filters.with_(path, month=month), month == filters.month)
            for month in shown
        ),
    ]


def _only_task(filters: Asked, statement: Statement, reader: Reader, path: str) -> OnlyTask | None:
    if filters.task is None:
        return None
    task = statement.task
    return OnlyTask(
        name=None if task is None else task_name(task.name, task.number, reader.words),
        href=f"{reader.base}/tasks/{filters.task}",
        without=filters.with_(path, task=None),
    )
