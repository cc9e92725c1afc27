"""Why a figure is what it is: its formula in words and numbers, its terms, and its ledger entries (L1, C5, C6, A2)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from app.adapters import explanation_texts as texts
from app.adapters.term_texts import label
from app.domain.bills import LineKind
from app.domain.cycles import Month
from app.domain.explanations import Explanation, Figure
from app.domain.refusals import Forbidden, NotFound
from app.services.explanations import Explained, Question, find_explained
from app.services.invoice_lists import sees_whole_invoices
from app.services.paging import DEFAULT_PAGE
from app.web.addresses import NotUnderstood, asked, number_of
from app.web.entry_views import entry_days
from app.web.explain_addresses import FIGURES, explain_address
from app.web.readers import Reader
from app.web.settings import refused_page
from app.web.task_views import EntryLink
from app.web.visits import Handler, Visit


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as its address puts it. of: another case than the reader's, whose invoice line it is about."""

    question: Question
    of: UUID | None
    before: int | None

    @classmethod
    def by(cls, request: Request) -> "Asked":
        """NotUnderstood where the address means nothing."""
        figure = FIGURES.get(request.path_params["figure"])
        if figure is None:
            raise NotUnderstood
        question = Question(
            figure=figure,
            month=asked(request, "month", Month.parse),
            cycle=asked(request, "cycle", number_of),
            line=asked(request, "line", number_of),
            invoice=asked(request, "invoice", UUID),
            whole="whole" in request.query_params,
        )
        return cls(question, asked(request, "of", UUID), asked(request, "before", number_of))

    def address(self, reader: Reader, before: int | None = None) -> str:
        question = self.question
        return explain_address(
            reader.links, question.figure, month=question.month, cycle=question.cycle, line=question.line,
            invoice=question.invoice, whole="1" if question.whole else None, of=self.of, before=before,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TermView:
    label: str
    value: str


async def explain(visit: Visit) -> Response:
    """One figure."""
    session, reader = visit.session, visit.reader
    try:
        wanted = Asked.by(visit.request)
    except NotUnderstood:
        return await _nothing(visit)
    of_another = wanted.of is not None and sees_whole_invoices(session.viewer)
    uuid = wanted.of if wanted.of is not None and of_another else session.case_uuid
    found = await find_explained(
        visit.ports, session.viewer, uuid, wanted.question, before=wanted.before, size=DEFAULT_PAGE
    )
    if isinstance(found, Forbidden):
        return await refused_page(visit, found)
    if isinstance(found, NotFound):
        return await _nothing(visit)
    explanation = found.explanation
    return visit.page(
        "explain.html",
        tab="invoices" if explanation.figure.is_money else "usage",
        case=found.case if wanted.of is None else await visit.case(),
        here=wanted.address(reader, wanted.before),
        about=_about(explanation, reader),
        **told(explanation, reader),
        **told_entries(found, wanted, reader, own=uuid == session.case_uuid),
    )


def told(explanation: Explanation, reader: Reader) -> dict[str, Any]:
    """What the template says of it."""
    words, invoice = reader.words, explanation.invoice
    pending = explanation.figure is Figure.INVOICE_TOTAL and invoice is not None and invoice.number is None
    return {
        "is_money": explanation.figure.is_money,
        "title": texts.name(explanation, words),
        "rule": texts.rule(explanation, words),
        "equation": texts.equation(explanation, words),
        "value": texts.value(explanation, words),
        "terms": [
            TermView(label(term, words), texts.figure(explanation, term.value, words)) for term in explanation.terms
        ],
        "sum_name": words.say("Sum so far") if pending else words.say("Total"),
    }


def _about(explanation: Explanation, reader: Reader) -> EntryLink | None:
    """What else tells of it: the plan's timeline of a credit, else what the figure stands on."""
    words = reader.words
    line = explanation.line
    if line is not None and line.line.kind is LineKind.PRORATION_CREDIT and line.case_uuid == reader.case_uuid:
        before = (line.line.credit_of or 0) + 1
        return EntryLink(words.say("The upgrade in the timeline"), f"{reader.links}plan/history?before={before}")
    return None


def told_entries(found: Explained, wanted: Asked, reader: Reader, *, own: bool) -> dict[str, Any]:
    """own: the entries are of the reader's case; of tasks of another they are told without links."""
    telling = found.telling
    days = entry_days(found.entries, reader, telling.tasks, telling.tiers)
    if not own:
        for view in (view for day in days for view in day.entries):
            view.task_href = None
    oldest = found.entries[-1].sequence if found.entries else None
    return {
        "has_entries": found.explanation.entries is not None,
        "days": days,
        "newest": wanted.address(reader) if wanted.before is not None else None,
        "older": wanted.address(reader, oldest) if found.has_more else None,
    }


async def _nothing(visit: Visit) -> Response:
    words = visit.reader.words
    return await visit.absent(
        tab="",
        way_out=visit.reader.base,
        headline=words.say("No such figure"),
        reason=words.say("This address asks for a figure that this case does not have."),
    )


PAGES: tuple[tuple[str, Handler], ...] = (("/cases/{uuid}/explain/{figure}", explain),)
