"""The Usage page of a case: balance, month, quote, latest tasks and entries (A2, C4, C5, L4, T1)."""

import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from app.adapters import verdicts
from app.adapters.languages import Words, words
from app.adapters.sentences import sentence
from app.domain import plans
from app.domain.cases import Case
from app.domain.cycles import Month, eastern_date
from app.domain.plans import Plan
from app.domain.quotes import Quote, documents_that_fit, judge, refills_that_clear
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import Flaw, InsufficientTokens, InvalidInput
from app.domain.reservoirs import RefillsUntil, Reservoir
from app.domain.sessions import Session
from app.domain.tasks import TaskRequest
from app.services.cases import find_case
from app.services.overview import Overview, find_overview
from app.services.ports import Ports
from app.web.entry_views import entry_days
from app.web.month_views import month_values
from app.web.origins import framed_by
from app.web.pages import page, reader_zone
from app.web.readers import Reader
from app.web.sessions import signed_in
from app.web.task_views import TaskView

LIVE = ("here", "hero", "month", "tasks", "ledger")
"""The blocks that a refresh and a change of month replace; before a case has a plan it shows the first two alone."""


async def usage(request: Request, ports: Ports) -> Response:
    """The page; or, when asked by its own script, only the sections that changed."""
    session = await signed_in(request, ports)
    if isinstance(session, Response):
        return session
    reader = Reader(words(session.viewer.language), reader_zone(request), ports.clock(), session.case_uuid)
    asked = Asked.of(request.query_params)
    if request.headers.get("hx-target") == "quote":
        case = await find_case(ports, session.viewer, session.case_uuid)
        assert case is not None, "a session is bound to a case"
        chosen = _month(request.query_params.get("month"))
        values = {"case": case, "chosen_month": chosen, **_quoted(case, asked, reader)}
        return _answer(request, session, reader, ["quote"], values)
    month = _month(request.query_params.get("month"))
    overview = await find_overview(ports, session.viewer, session.case_uuid, month)
    assert overview is not None, "a session is bound to a case"
    if month is not None and overview.month is None:
        month = None
        overview = await find_overview(ports, session.viewer, session.case_uuid, None)
        assert overview is not None, "a session is bound to a case"
    values = {
        "here": reader.base if month is None else f"{reader.base}?month={month}",
        "chosen_month": month,
        **_hero(overview, reader),
        **({} if overview.month is None else month_values(overview.month, overview.as_of, reader.words)),
        **_latest(overview, reader),
        **_quoted(overview.case, asked, reader),
    }
    blocks = [] if "hx-request" not in request.headers else LIVE[:2] if overview.month is None else LIVE
    return _answer(request, session, reader, blocks, values)


def _answer(request: Request, session: Session, reader: Reader, blocks: Any, values: dict[str, Any]) -> Response:
    return page(
        request, "usage.html", language=session.viewer.language, framed_by=framed_by(session), blocks=blocks,
        reader=reader, tab="usage", **values,
    )  # fmt: skip


def _month(text: str | None) -> Month | None:
    """What does not name a month is taken as none named."""
    try:
        return None if text is None else Month.parse(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Gauge:
    """What the gauge shows, in percent of the whole tank; whole: tokens at its end."""

    free: str
    held: str
    whole: int


def _gauge(tank: Reservoir) -> Gauge | None:
    """None: unlimited. Bought tokens may stand above the cap (L3), and then the gauge ends with them."""
    if tank.balance is None or not tank.cap:
        return None
    whole = max(tank.cap, tank.balance + tank.held)
    return Gauge(f"{tank.balance * 100 / whole:.2f}", f"{tank.held * 100 / whole:.2f}", whole)


def _hero(overview: Overview, reader: Reader) -> dict[str, Any]:
    case = overview.case
    refill = case.next_refill(overview.as_of)
    usage = overview.month
    return {
        "case": case,
        "as_of": overview.as_of,
        "gauge": _gauge(case.reservoir),
        "in_progress": overview.in_progress,
        "overage_now": overview.overage,
        "next_refill": refill,
        "local_time_differs": refill is not None and reader.words.clock(refill.at) != reader.time(refill.at),
        "cleared": overview.cleared,
        "deactivated_on": usage and reader.local_date(usage.cycles[-1].ends_at),
    }


def _latest(overview: Overview, reader: Reader) -> dict[str, Any]:
    return {
        "running": [TaskView(task, reader) for task in overview.running],
        "finished": [TaskView(receipt.task, reader, receipt) for receipt in overview.finished],
        "days": entry_days(overview.entries, reader, overview.telling.tasks, overview.telling.tiers),
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form for a quote holds; what was not sent, or means nothing, is as a first visitor finds it."""

    kind: TaskKind
    mode: ScanMode
    documents: str
    fields: str

    @classmethod
    def of(cls, sent: QueryParams) -> "Asked":
        return cls(
            kind=TaskKind.MULTI_CODE if sent.get("kind") == TaskKind.MULTI_CODE else TaskKind.SCAN,
            mode=next((mode for mode in ScanMode if sent.get("mode") == mode), ScanMode.AUTO),
            documents=_typed(sent.get("documents", ""), 20),
            fields=_typed(sent.get("fields", "1"), 3),
        )

    def request(self) -> TaskRequest | InvalidInput | None:
        """The task that is asked about. None: nothing was asked."""
        if not self.documents.strip():
            return None
        documents, fields = _whole(self.documents), _whole(self.fields)
        if documents is None:
            return InvalidInput("documentCount", Flaw.NOT_A_NUMBER)
        if self.kind is TaskKind.SCAN:
            fields = 1  # the field is hidden, not emptied, where a scan is chosen
        if fields is None:
            return InvalidInput("activeFields", Flaw.NOT_A_NUMBER)
        request = TaskRequest(self.kind, TaskScope.BULK, self.mode, documents, fields)
        return request.flaw() or request


def _typed(text: str, most: int) -> str:
    """As much as the field takes, without what no page may hold."""
    return text[:most].replace("\0", "")


_WHOLE = re.compile(r"[0-9]{1,3}(?:[,\s][0-9]{3})+|[0-9]+")


def _whole(text: str) -> int | None:
    """A whole number as people of either language type it: 1,200 or 1 200; a comma elsewhere is a decimal one."""
    typed = text.strip()
    return int(re.sub(r"[,\s]", "", typed)) if _WHOLE.fullmatch(typed) else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A quote with what the panel says about it; or only the flaw of what was asked, in words."""

    request: TaskRequest | None = None
    quote: Quote | None = None
    flaw: str | None = None
    headline: str = ""
    reason: str = ""
    worth: str = ""
    charges: list[tuple[str, int]] | None = None
    short: bool = False
    tier: Plan | None = None
    refills: RefillsUntil | None = None
    refilled_by: str | None = None
    fitting: int = 0


def _quoted(case: Case, asked: Asked, reader: Reader) -> dict[str, Any]:
    request = asked.request()
    return {"asked": asked, "verdict": None if request is None else _verdict(case, request, reader)}


def _verdict(case: Case, request: TaskRequest | InvalidInput, reader: Reader) -> Verdict:
    own: Words = reader.words
    quote = request if isinstance(request, InvalidInput) else judge(case, request, reader.now)
    if isinstance(quote, InvalidInput) or isinstance(request, InvalidInput):
        assert isinstance(quote, InvalidInput)
        return Verdict(flaw=sentence(quote, own))
    refills = refills_that_clear(case, request, quote, reader.now)
    tier = getattr(quote.blocked_by, "minimum_tier", None)
    return Verdict(
        request=request,
        quote=quote,
        headline=verdicts.headline(case, request, quote, own),
        reason=verdicts.reason(case, quote, own),
        worth=verdicts.worth(request, own),
        charges=verdicts.charges(request, own),
        short=isinstance(quote.blocked_by, InsufficientTokens),
        tier=None if tier is None else plans.plan(tier),
        refills=refills,
        refilled_by=None if refills is None else own.day(eastern_date(refills.at)),
        fitting=documents_that_fit(case, request, quote),
    )
