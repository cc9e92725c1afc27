"""A quote as the page shows it: the form as it was filled in, and what is said to it (T1)."""

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from app.adapters import verdicts
from app.adapters.sentences import sentence
from app.domain import plans
from app.domain.cases import Case
from app.domain.cycles import eastern_date
from app.domain.plans import Plan
from app.domain.quotes import Quote, documents_that_fit, judge, refills_that_clear
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import Flaw, InsufficientTokens, InvalidInput
from app.domain.reservoirs import RefillsUntil
from app.domain.tasks import TaskRequest
from app.web.addresses import typed, typed_number
from app.web.readers import Reader


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
            documents=typed(sent.get("documents", ""), 20),
            fields=typed(sent.get("fields", "1"), 3),
        )

    def parameters(self) -> dict[str, str]:
        """What an address holds of it; nothing where nothing was asked."""
        if not self.documents.strip():
            return {}
        return {"kind": self.kind, "mode": self.mode, "documents": self.documents, "fields": self.fields}

    def request(self) -> TaskRequest | InvalidInput | None:
        """The task that is asked about. None: nothing was asked."""
        if not self.documents.strip():
            return None
        documents, fields = typed_number(self.documents), typed_number(self.fields)
        if documents is None:
            return InvalidInput("documentCount", Flaw.NOT_A_NUMBER)
        if self.kind is TaskKind.SCAN:
            fields = 1  # the field is hidden, not emptied, where a scan is chosen
        if fields is None:
            return InvalidInput("activeFields", Flaw.NOT_A_NUMBER)
        request = TaskRequest(self.kind, TaskScope.BULK, self.mode, documents, fields)
        return request.flaw() or request


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


def quote_values(case: Case, asked: Asked, reader: Reader) -> dict[str, Any]:
    """What the template of the quote needs."""
    request = asked.request()
    return {"asked": asked, "verdict": None if request is None else _verdict(case, request, reader)}


def _verdict(case: Case, request: TaskRequest | InvalidInput, reader: Reader) -> Verdict:
    own = reader.words
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
