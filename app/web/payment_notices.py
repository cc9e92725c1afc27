"""Payments in a sentence: what one is for, that one waits, that none could be begun (C8)."""

from app.domain.cases import Case
from app.domain.payments import Payment
from app.domain.plans import plan
from app.services.invoice_lists import find_declined, find_pending_checkout
from app.web.notices import Notice
from app.web.readers import Reader
from app.web.visits import Visit


def checkout_address(reader: Reader, payment: Payment) -> str:
    return f"{reader.base}/checkout/{payment.uuid}"


def wanted_words(payment: Payment, reader: Reader) -> str:
    words, wanted = reader.words, payment.wanted
    if wanted.tier is not None:
        return words.say("the %(plan)s plan", plan=plan(wanted.tier).name)
    if wanted.tokens is not None:
        return words.count("%(number)s token", "%(number)s tokens", wanted.tokens)
    assert payment.invoice is not None
    return words.say("invoice %(number)s", number=payment.invoice.number)


async def waiting_notice(visit: Visit, case: Case) -> Notice | None:
    """That a payment waits, for pages about what it would change."""
    if visit.ports.payments is None:
        return None
    payment = await find_pending_checkout(visit.ports, visit.session.viewer, case)
    if payment is None:
        return None
    words = visit.reader.words
    return Notice(
        words.say("A payment waits: %(wanted)s.", wanted=wanted_words(payment, visit.reader)),
        words.say("Nothing has changed yet."),
        href=checkout_address(visit.reader, payment),
        action=words.say("Look at it"),
    )


async def declined_notice(visit: Visit, case: Case) -> Notice | None:
    """That the saved card was declined at a renewal, and where it can be paid all the same (C8)."""
    declined, words = await find_declined(visit.ports, visit.session.viewer, case), visit.reader.words
    if not declined:
        return None
    several = len(declined) > 1
    return Notice(
        words.say("The card was declined."),
        words.count(
            "%(number)s invoice is open and can be paid here.",
            "%(number)s invoices are open and can be paid here.",
            len(declined),
        ),
        "warn",
        href=f"{visit.reader.base}/invoices" if several else f"{visit.reader.base}/invoices/{declined[0].uuid}",
        action=words.say("See the invoices") if several else words.say("See the invoice"),
    )


def unavailable_notice(reader: Reader) -> Notice:
    """The processor does not answer; nothing was charged, and the same form goes on from there."""
    words = reader.words
    return Notice(
        words.say("Nothing was changed."), words.say("The payment page could not be opened. Try again."), tone="bad"
    )
