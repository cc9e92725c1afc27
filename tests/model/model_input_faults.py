"""What is wrong with an input whatever the state of its case: judged before everything else (contract, P3, T4)."""

from collections.abc import Sequence

from tests.model.model_prices import LARGEST, Order
from tests.model.model_results import Refusal
from tests.model.model_task import Outcome

# Documents with one result: status, resolved mode or None, document ids.
Group = tuple[str, str | None, Sequence[str]]
MOST_DOCUMENTS = 10_000
MOST_BOUGHT = 100_000_000


def key_fault(key: str) -> Refusal | None:
    """An idempotency key has 1 to 255 characters."""
    return None if 1 <= len(key) <= 255 else invalid("idempotencyKey")


def order_fault(order: Order) -> Refusal | None:
    """Counts are 1 .. 2^53-1, so is the price; fields 1..8, on a SCAN 1; SINGLE means exactly one document."""
    if not 1 <= order.documents <= LARGEST:
        return invalid("documentCount")
    if not 1 <= order.fields <= (8 if order.kind == "MULTI_CODE" else 1):
        return invalid("activeFields")
    if order.scope == "SINGLE" and order.documents != 1:
        return invalid("documentCount")
    return invalid("documentCount") if order.reserved > LARGEST else None


def purchase_fault(tokens: int) -> Refusal | None:
    """A purchase is of 1 to 100,000,000 tokens."""
    return None if 1 <= tokens <= MOST_BOUGHT else invalid("tokens")


def report_fault(groups: Sequence[Group]) -> Refusal | None:
    """Up to 10,000 ids of 1 to 64 characters, no document with two results, resolved modes on successes only."""
    ids = [document for _, _, documents in groups for document in documents]
    if len(ids) > MOST_DOCUMENTS or not all(1 <= len(document) <= 64 for document in ids):
        return invalid("documentIds")
    if any(resolved == "AUTO" or (resolved and status != "SUCCEEDED") for status, resolved, _ in groups):
        return invalid("resolvedMode")
    results = {(document, status, resolved) for status, resolved, documents in groups for document in documents}
    return invalid("documentIds") if len(results) > len(set(ids)) else None


def outcomes_of(groups: Sequence[Group]) -> dict[str, Outcome]:
    """The result of each document of a faultless report; a document named twice counts once."""
    return {document: (status, resolved) for status, resolved, documents in groups for document in documents}


def invalid(field: str) -> Refusal:
    """INVALID_INPUT; `field` is the contract's own name of the innermost input field at fault."""
    return Refusal("INVALID_INPUT", field=field)
