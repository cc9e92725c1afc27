"""Who may go on a plan, or back on one, and how a plan may be paid for (C1, C3, C7)."""

from app.domain.callers import Viewer
from app.domain.cases import Case, CaseStatus, PaymentMethod
from app.domain.refusals import InvoicingNotContracted, PlanChangeRefused, PlanRefusal


def judge_activation(
    case: Case, payment_method: PaymentMethod, viewer: Viewer, environment: str
) -> PlanChangeRefused | InvoicingNotContracted | None:
    """None: the case may be activated. A case that was active before is reactivated instead."""
    if case.terms.status is CaseStatus.ACTIVE:
        return PlanChangeRefused(PlanRefusal.ALREADY_ACTIVE)
    if case.terms.status is CaseStatus.DEACTIVATED:
        return PlanChangeRefused(PlanRefusal.REACTIVATE_INSTEAD)
    return judge_payment(case, payment_method, viewer, environment)


def judge_reactivation(
    case: Case, payment_method: PaymentMethod, viewer: Viewer, environment: str
) -> PlanChangeRefused | InvoicingNotContracted | None:
    """None: the case, which was deactivated, may be put on a plan again (C3)."""
    if case.terms.status is CaseStatus.ACTIVE:
        return PlanChangeRefused(PlanRefusal.ALREADY_ACTIVE)
    if case.terms.status is CaseStatus.NOT_ACTIVATED:
        return PlanChangeRefused(PlanRefusal.ACTIVATE_INSTEAD)
    return judge_payment(case, payment_method, viewer, environment)


def judge_payment(
    case: Case, payment_method: PaymentMethod, viewer: Viewer, environment: str
) -> InvoicingNotContracted | None:
    """Whether what begins or grows now may be invoiced by the month (C7). None: it may, or a card pays.

    What has been invoiced by the month goes on so where the organization is taken off the list: renewals, overage and
    downgrades are not asked.
    """
    if payment_method is PaymentMethod.MONTHLY_INVOICE and not case.organization.monthly_invoicing:
        return not_contracted(case, viewer, environment)
    return None


def not_contracted(case: Case, viewer: Viewer, environment: str) -> InvoicingNotContracted:
    """What support needs to know to put the organization on the portal's list (C7)."""
    return InvoicingNotContracted(
        {
            "portal": case.organization.portal_url,
            "environment": environment,
            "ORG_ID": case.organization.nuix_id,
            "organization": case.organization.name,
            "user": viewer.name,
            "case": f"{case.name} ({case.terms.uuid})",
        }
    )
