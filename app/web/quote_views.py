"""A quote as the page shows it: the form as it was filled in, and what is said to it (T1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.adapters import verdicts
from app.adapters.sentences import sentence
from app.domain.cases import Case
from app.domain.cycles import eastern_date
from app.domain.overage import NO_OVERAGE, counts_overage
from app.domain.quotes import Quote, documents_that_fit, judge, refills_that_clear
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import Flaw, InsufficientTokens, InvalidInput
from app.domain.reservoirs import RefillsUntil
from app.domain.tasks import TaskRequest
from app.web.addresses import typed, typed_number
from app.web.ceilings import overage_use
from app.web.prompt_views import Prompt, find_prompt
from app.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form for a quote holds; what was not sent, or means nothing, is as a first visitor finds it."""

    kind: TaskKind
    mode: ScanMode
    documents: str
    fields: str

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> "Asked":
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
    refills: RefillsUntil | None = None
    refilled_by: str | None = None
    fitting: int = 0
    prompt: Prompt | None = None


async def quote_values(visit: Visit, case: Case, asked: Asked) -> dict[str, Any]:
    """What the template of the quote needs."""
    request = asked.request()
    if request is None:
        return {"asked": asked, "verdict": None}
    quote = request if isinstance(request, InvalidInput) else judge(case, request, visit.reader.now)
    if isinstance(quote, InvalidInput) or isinstance(request, InvalidInput):
        assert isinstance(quote, InvalidInput)
        return {"asked": asked, "verdict": Verdict(flaw=sentence(quote, visit.reader.words))}
    return {"asked": asked, "verdict": await _verdict(visit, case, asked, request, quote)}


async def _verdict(visit: Visit, case: Case, asked: Asked, request: TaskRequest, quote: Quote) -> Verdict:
    """What blocks is judged again with all that the ways out depend on, and with everything done that is due (C10)."""
    reader, own, use, prompt = visit.reader, visit.reader.words, NO_OVERAGE, None
    if quote.blocked_by is not None or counts_overage(case.terms):
        overview = await visit.plan_overview()
        case, use = overview.case, overage_use(overview)
        again = judge(case, request, reader.now, use)
        assert isinstance(again, Quote), "what has no flaw gets none by another tank"
        quote = again
        prompt = await find_prompt(visit, overview, request, quote, use, asked.parameters())
    refills = refills_that_clear(case, request, quote, reader.now)
    return Verdict(
        request=request,
        quote=quote,
        headline=verdicts.headline(case, request, quote, own),
        reason=verdicts.reason(case, quote, own),
        worth=verdicts.worth(request, own),
        charges=verdicts.charges(request, own),
        short=isinstance(quote.blocked_by, InsufficientTokens),
        refills=refills,
        refilled_by=None if refills is None else own.day(eastern_date(refills.at)),
        fitting=documents_that_fit(case, request, quote, use),
        prompt=prompt,
    )
