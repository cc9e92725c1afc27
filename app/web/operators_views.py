"""How invoices stand, in the words of operators (C6, C8)."""

from app.adapters.languages import Words, capitalized
from app.domain.invoices import InvoiceStatus
from app.domain.payments import PaymentPurpose
from app.services.operators import ListedInvoice, ListedPayment, Run


def status_names(words: Words) -> dict[InvoiceStatus, str]:
    return {
        InvoiceStatus.PENDING: words.say("Pending"),
        InvoiceStatus.OPEN: words.say("Open"),
        InvoiceStatus.PAID: words.say("Paid"),
        InvoiceStatus.VOID: words.say("Void"),
    }


def invoice_name(invoice: ListedInvoice, words: Words) -> str:
    """By its number; while it has none, by its month."""
    if invoice.number is not None:
        return words.say("Invoice %(number)s", number=invoice.number)
    assert invoice.month is not None, "an invoice by card is issued at once"
    return words.say("Pending for %(month)s", month=words.month(invoice.month))


def kind(invoice: ListedInvoice, words: Words) -> str:
    """Whose it is: of a case, by card, or of a month."""
    if invoice.month is None:
        return words.say("By card, %(case)s", case=invoice.case)
    return words.say("Monthly, %(month)s", month=words.month(invoice.month))


def waits(invoice: ListedInvoice, words: Words) -> str | None:
    """Why a pending invoice is not issued yet; None: it is not pending."""
    if invoice.status is not InvoiceStatus.PENDING:
        return None
    if invoice.unfinished:
        return words.say("Waits for the end of its month.")
    if invoice.behind:
        return words.count(
            "Waits for the renewal of %(number)s case.", "Waits for the renewal of %(number)s cases.", invoice.behind
        )
    return words.say("Is about to be issued.")


def run_waits(run: Run, words: Words) -> list[str]:
    """Why pending invoices of a month wait, each reason with how many."""
    told = []
    if run.unfinished:
        told.append(
            words.count(
                "%(number)s waits for the end of the month.", "%(number)s wait for the end of the month.",
                run.unfinished,
            )
        )  # fmt: skip
    if run.behind:
        told.append(
            words.count(
                "%(number)s waits for cases to be renewed.", "%(number)s wait for cases to be renewed.", run.behind
            )
        )
    if run.due:
        told.append(words.count("%(number)s is about to be issued.", "%(number)s are about to be issued.", run.due))
    return told


def month_name(run: Run, words: Words) -> str:
    return capitalized(words.month(run.month))


def purpose(payment: ListedPayment, words: Words) -> str:
    """What somebody paid for."""
    return {
        PaymentPurpose.PLAN: words.say("For a plan"),
        PaymentPurpose.TOKENS: words.say("For tokens"),
        PaymentPurpose.INVOICE: words.say("For an open invoice"),
    }[payment.purpose]
