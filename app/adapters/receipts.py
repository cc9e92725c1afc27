"""Refund receipts as words: how much came back, and why (T3, T5, T7)."""

from collections.abc import Mapping, Sequence

from app.adapters.languages import Words
from app.adapters.task_texts import CATEGORIES, documents_of_a_price
from app.domain.ledger import EntryGroup
from app.domain.rates import ScanMode, UsageCategory
from app.domain.receipts import Receipt, RefundReason, price_reserved


def lead(receipt: Receipt, words: Words) -> str:
    """The whole receipt in one sentence, as "74 of 80 tokens came back: 1 failed, 1 never run, ..."."""
    task = receipt.task
    if task.reserved == 0:
        return words.say("A single-document scan is free: nothing was reserved, nothing is charged.")
    if task.refunded == 0:
        return _nothing_back(receipt, words)
    values = {
        "parts": reasons({part.reason: part.documents for part in receipt.refunds}, words),
        "reserved": task.reserved,
    }
    if not receipt.ended:
        return words.count(
            "So far %(number)s token of %(reserved)s came back: %(parts)s.",
            "So far %(number)s of %(reserved)s tokens came back: %(parts)s.",
            task.refunded, **values,
        )  # fmt: skip
    return words.count(
        "%(number)s token of %(reserved)s came back: %(parts)s.",
        "%(number)s of %(reserved)s tokens came back: %(parts)s.",
        task.refunded, **values,
    )  # fmt: skip


def _nothing_back(receipt: Receipt, words: Words) -> str:
    if not receipt.ended:
        return words.say("Nothing came back so far. What failed or skipped documents hold comes back at the end.")
    return words.count(
        "Nothing came back: %(number)s token was reserved and charged.",
        "Nothing came back: %(number)s tokens were reserved and charged.",
        receipt.task.reserved,
    )


def notes(receipt: Receipt, words: Words) -> list[str]:
    """What of the refund and of the charge lies beyond the balance (T5), a sentence each; none where nothing does."""
    found = []
    if receipt.released:
        # Only what was held came back to the balance: the lead alone would promise too much.
        found.append(
            words.count(
                "%(number)s token of these was set aside beyond the balance, which it did not change.",
                "%(number)s of these tokens were set aside beyond the balance, which they did not change.",
                receipt.released,
            )
        )
    if receipt.task.overage:
        found.append(
            words.count(
                "Of %(charged)s charged, %(number)s token is overage.",
                "Of %(charged)s charged, %(number)s tokens are overage.",
                receipt.task.overage, charged=receipt.task.charged,
            )
        )  # fmt: skip
    return found


def reasons(documents: Mapping[RefundReason, int], words: Words) -> str:
    """As "1 failed, 1 never run, 2 cheaper than reserved"."""
    return words.listed([reason(why, number, words) for why, number in documents.items()])


def reason(why: RefundReason, number: int, words: Words) -> str:
    match why:
        case RefundReason.FAILED:
            return words.count("%(number)s failed", "%(number)s failed", number)
        case RefundReason.SKIPPED:
            return words.count("%(number)s skipped", "%(number)s skipped", number)
        case RefundReason.NEVER_RUN:
            return words.count("%(number)s never run", "%(number)s never run", number)
        case RefundReason.CHEAPER:
            return words.count("%(number)s cheaper than reserved", "%(number)s cheaper than reserved", number)


def reserved_line(receipt: Receipt, words: Words) -> str:
    task = receipt.task
    counted = documents_of_a_price(task.documents, price_reserved(task), words)
    return words.say("Reserved, %(documents)s", documents=counted)


def mixed_charge_line(groups: Sequence[EntryGroup], words: Words) -> str:
    """Several categories of a scan's charge in one line, as "Charged, 1 text, 1 image"."""
    parts = [_documents_of(group.category, group.documents or 0, words) for group in groups]
    return words.say("Charged, %(documents)s", documents=words.listed(parts))


def _documents_of(category: UsageCategory | None, number: int, words: Words) -> str:
    match category:
        case UsageCategory.TEXT_SCAN:
            return words.count("%(number)s text", "%(number)s texts", number)
        case UsageCategory.IMAGE_SCAN:
            return words.count("%(number)s image", "%(number)s images", number)
        case UsageCategory.AUDIO_SCAN:
            return words.count("%(number)s audio", "%(number)s audio", number)
        case UsageCategory.VIDEO_SCAN:
            return words.count("%(number)s video", "%(number)s videos", number)
    raise AssertionError(f"{category} is never charged beside another category")


def charged_line(receipt: Receipt, group: EntryGroup, words: Words) -> str:
    """One category of the charge. In an AUTO Multi-Code task the price hangs on the mode of each document (P2)."""
    assert group.category is not None, "a charge is always for a category"
    assert group.documents, "a charge is always for documents"
    mixed = group.category is UsageCategory.MULTI_CODE and receipt.task.mode is ScanMode.AUTO
    price = None if mixed else group.tokens // group.documents
    counted = documents_of_a_price(group.documents, price, words)
    category = words.say(CATEGORIES[group.category])
    return words.say("Charged, %(category)s, %(documents)s", category=category, documents=counted)
