"""What plans grant and tasks cost, written down a second time (P1, P2, P3)."""

from dataclasses import dataclass
from decimal import Decimal

LARGEST = 2**53 - 1
TIERS = ("STARTER", "PRO", "BUSINESS", "ENTERPRISE")
CATEGORIES = ("CHAT", "TEXT_SCAN", "IMAGE_SCAN", "AUDIO_SCAN", "VIDEO_SCAN", "MULTI_CODE")
FIRST_FIELD = {"TEXT": 1, "IMAGE": 5, "AUDIO": 10, "VIDEO": 20}
DEAREST = 20


@dataclass(frozen=True)
class Plan:
    """One tier: CAD a month, tokens at most, tokens a day, documents in one bulk task, and what it has that the tier
    below has not. None: unlimited.
    """

    price: Decimal
    cap: int | None
    refill: int | None
    bulk_limit: int | None
    adds: tuple[str, ...]


PLANS = {
    "STARTER": Plan(Decimal("49.00"), 1_000, 0, 1_000, ("SINGLE_DOCUMENT_SCANS", "AGENT_MODE", "SCAN_HISTORY")),
    "PRO": Plan(Decimal("499.00"), 10_000, 500, 10_000, ("MULTIPLE_AGENT_THREADS", "CASE_CONTEXT", "MULTI_CODE")),
    "BUSINESS": Plan(Decimal("4999.00"), 50_000, 7_500, 100_000, ("ECA",)),
    "ENTERPRISE": Plan(Decimal("29999.00"), None, None, None, ("PRIORITY_COMPUTE", "DEDICATED_SUPPORT")),
}
TOKEN_PRICE = Decimal("0.10")


def features_of(tier: str) -> tuple[str, ...]:
    """P3: what a tier has, cheapest tier's first; visual scans gate nothing, so nobody gains or loses them."""
    return tuple(feature for below in TIERS[: TIERS.index(tier) + 1] for feature in PLANS[below].adds)


@dataclass(frozen=True)
class Order:
    """The task that somebody asks for: everything that decides its price and its gates."""

    kind: str
    scope: str
    mode: str
    documents: int
    fields: int

    @property
    def free(self) -> bool:
        """P2: one scan of one document costs nothing, in every mode."""
        return self.kind == "SCAN" and self.scope == "SINGLE"

    @property
    def reserve(self) -> int:
        """P2: tokens to set aside for one document; AUTO sets aside the dearest mode's price."""
        if self.free:
            return 0
        return (DEAREST if self.mode == "AUTO" else FIRST_FIELD[self.mode]) + self.fields - 1

    @property
    def reserved(self) -> int:
        """Tokens to set aside for all documents."""
        return self.documents * self.reserve

    def charge(self, resolved: str | None) -> int:
        """T3: tokens for one succeeded document; `resolved` is the mode that AUTO came to, None for other modes."""
        return 0 if self.free else FIRST_FIELD[resolved or self.mode] + self.fields - 1

    def category(self, resolved: str | None) -> str:
        """Where a charge shows in the month: Multi-Code has one category for all modes."""
        return "MULTI_CODE" if self.kind == "MULTI_CODE" else f"{resolved or self.mode}_SCAN"

    def feature_in(self, tier: str) -> bool:
        """P3: only Multi-Code is gated by tier."""
        return self.kind != "MULTI_CODE" or "MULTI_CODE" in features_of(tier)

    def within_bulk_limit(self, tier: str) -> bool:
        """P3: the bulk limit gates BULK only."""
        limit = PLANS[tier].bulk_limit
        return self.scope != "BULK" or limit is None or self.documents <= limit
