"""Enums of the contract: those of the domain, under the contract's names."""

import strawberry

from app.domain.bills import LineKind
from app.domain.cases import CaseStatus, PaymentMethod
from app.domain.explanations import Figure
from app.domain.invoices import InvoiceStatus
from app.domain.languages import Language
from app.domain.ledger import EntryKind
from app.domain.money import Currency
from app.domain.outcomes import DocumentStatus
from app.domain.plans import Feature, PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope, UsageCategory
from app.domain.subscriptions import ChangeOrigin, PlanEvent
from app.domain.tasks import TaskEnd, TaskStatus

strawberry.enum(Language, name="Locale")
strawberry.enum(EntryKind, name="LedgerEntryKind")
strawberry.enum(PlanEvent, name="PlanEventKind")
strawberry.enum(LineKind, name="InvoiceLineKind")
for _enum in (
    CaseStatus, ChangeOrigin, Currency, DocumentStatus, Feature, Figure, InvoiceStatus, PaymentMethod, PlanTier,
    ScanMode, TaskEnd, TaskKind, TaskScope, TaskStatus, UsageCategory,
):  # fmt: skip
    strawberry.enum(_enum)
