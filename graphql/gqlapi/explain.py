"""Why a figure is what it is: its formula, its terms, and the ledger entries behind it (L1, C5, C6)."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from app.adapters.explanation_texts import formula
from app.adapters.languages import words
from app.adapters.term_texts import label
from app.domain import cases, explanation_terms, explanations
from app.domain.cycles import Month
from app.domain.explanations import Figure
from app.domain.ids import parse_invoice_id, parse_line_id
from app.domain.languages import Language
from app.domain.money import Currency, cad
from app.domain.refusals import NotFound
from app.services.explanations import Explained, Question, count_entries, find_explained, page_of_entries
from gqlapi.connections import Connection, connect, number_after, size_of
from gqlapi.context import Info
from gqlapi.ledger import LedgerEntry, entry_id
from gqlapi.nodes import case_of


@strawberry.type(description="One summand of a figure")
class ExplanationTerm:
    term: strawberry.Private[explanation_terms.Term]
    value: Decimal = strawberry.field(description="With its sign, in the unit of the figure")

    @strawberry.field
    def label(self, locale: Language = Language.EN) -> str:
        return label(self.term, words(locale))


@strawberry.type(description="Why a figure is what it is")
class Explanation:
    case: strawberry.Private[cases.Case]
    explanation: strawberry.Private[explanations.Explanation]
    figure: Figure
    value: Decimal | None = strawberry.field(description="null: unlimited, or there is no next refill")
    currency: Currency | None = strawberry.field(description="Of the value and its terms. null: they are tokens")
    terms: list[ExplanationTerm] = strawberry.field(description="Add up to the value")

    @strawberry.field(description="The rule in words, and the sum with its numbers")
    def formula(self, locale: Language = Language.EN) -> str:
        return formula(self.explanation, words(locale))

    @strawberry.field(description="The ledger entries behind the figure, newest first")
    async def entries(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[LedgerEntry]:
        ports, uuid, choice = info.context.ports, self.case.terms.uuid, self.explanation.entries
        start = number_after(info.context, after, "entry", uuid)
        size = size_of(info.context, first)
        return connect(
            await page_of_entries(ports, self.case, choice, after=start, size=size),
            after=after,
            node=lambda entry: LedgerEntry.of(uuid, entry),
            cursor=lambda entry: entry_id(uuid, entry),
            count=lambda: count_entries(ports, self.case, choice),
        )

    @classmethod
    def of(cls, found: Explained) -> Explanation:
        explanation = found.explanation
        is_money = explanation.figure.is_money

        def unit(value: int) -> Decimal:
            return cad(value).amount if is_money else Decimal(value)

        return cls(
            case=found.case,
            explanation=explanation,
            figure=explanation.figure,
            value=None if explanation.value is None else unit(explanation.value),
            currency=Currency.CAD if is_money else None,
            terms=[ExplanationTerm(term=term, value=unit(term.value)) for term in explanation.terms],
        )


async def explain(
    info: Info,
    case_id: strawberry.ID,
    figure: Figure,
    month: Month | None = None,
    invoice_line_id: strawberry.ID | None = None,
    invoice_id: strawberry.ID | None = None,
) -> Explanation:
    """invoice_line_id: of INVOICE_LINE; invoice_id: of INVOICE_TOTAL, whole or through the case, as the id says."""
    context = info.context
    uuid, line = case_of(case_id), None if invoice_line_id is None else parse_line_id(invoice_line_id)
    invoice = None if invoice_id is None else parse_invoice_id(invoice_id)
    if uuid is None or (line is not None and line.case != uuid):
        raise context.failure(NotFound())
    question = Question(
        figure=figure,
        month=month,
        line=None if line is None else line.number,
        invoice=None if invoice is None else invoice.uuid,
        whole=invoice is not None and invoice.case is None,
    )
    found = await find_explained(context.ports, context.viewer, uuid, question, before=None, size=0)
    if not isinstance(found, Explained):
        raise context.failure(found)
    return Explanation.of(found)
