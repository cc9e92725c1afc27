"""What documents cost (P2). Every figure is in tokens for one document."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from app.domain.plans import PlanTier

MAX_ACTIVE_FIELDS = 8
OVERAGE_PRICE = Decimal("0.10")
"""CAD for a token beyond the reservoir, and for a bought one."""


class TaskKind(StrEnum):
    SCAN = "SCAN"
    MULTI_CODE = "MULTI_CODE"


class TaskScope(StrEnum):
    SINGLE = "SINGLE"
    BULK = "BULK"


class ScanMode(StrEnum):
    AUTO = "AUTO"
    TEXT = "TEXT"
    IMAGE = "IMAGE"
    AUDIO = "AUDIO"
    VIDEO = "VIDEO"


RESOLVED_MODES = (ScanMode.TEXT, ScanMode.IMAGE, ScanMode.AUDIO, ScanMode.VIDEO)
"""What a document can turn out to be, in the order of the usage categories."""


class UsageCategory(StrEnum):
    """What tokens were spent on; the order is the one in which a charge is split (T3)."""

    CHAT = "CHAT"
    TEXT_SCAN = "TEXT_SCAN"
    IMAGE_SCAN = "IMAGE_SCAN"
    AUDIO_SCAN = "AUDIO_SCAN"
    VIDEO_SCAN = "VIDEO_SCAN"
    MULTI_CODE = "MULTI_CODE"


_MEDIA_RATES: Mapping[ScanMode, int] = MappingProxyType(
    {ScanMode.TEXT: 1, ScanMode.IMAGE: 5, ScanMode.AUDIO: 10, ScanMode.VIDEO: 20}
)
_DEAREST = max(_MEDIA_RATES.values())


@dataclass(frozen=True, slots=True)
class ScanRate:
    """One line of the rate card, with one active field. charge None: AUTO charges the resolved mode's rate."""

    kind: TaskKind
    scope: TaskScope
    mode: ScanMode
    reserve: int
    charge: int | None
    per_extra_field: int
    minimum_tier: PlanTier


@dataclass(frozen=True, slots=True)
class Price:
    """What one document of a task reserves, and is charged when it succeeds in each resolved mode."""

    reserve: int
    charges: tuple[int, int, int, int]
    """In the order of RESOLVED_MODES. A task that is not AUTO has its own mode's rate in every place."""


def _rate(kind: TaskKind, scope: TaskScope, mode: ScanMode) -> ScanRate:
    free = kind is TaskKind.SCAN and scope is TaskScope.SINGLE
    charge = None if mode is ScanMode.AUTO else 0 if free else _MEDIA_RATES[mode]
    return ScanRate(
        kind=kind,
        scope=scope,
        mode=mode,
        reserve=0 if free else _DEAREST if charge is None else charge,
        charge=charge,
        per_extra_field=1 if kind is TaskKind.MULTI_CODE else 0,
        minimum_tier=PlanTier.PRO if kind is TaskKind.MULTI_CODE else PlanTier.STARTER,
    )


RATE_CARD: Mapping[tuple[TaskKind, TaskScope, ScanMode], ScanRate] = MappingProxyType(
    {(kind, scope, mode): _rate(kind, scope, mode) for kind in TaskKind for scope in TaskScope for mode in ScanMode}
)


@cache
def price(kind: TaskKind, scope: TaskScope, mode: ScanMode, active_fields: int) -> Price:
    """The price of one document (P2); a task keeps it from its creation to its end."""

    def with_fields(rate: ScanRate, tokens: int) -> int:
        return tokens + (active_fields - 1) * rate.per_extra_field

    def charge(resolved: ScanMode) -> int:
        rate = RATE_CARD[kind, scope, resolved if mode is ScanMode.AUTO else mode]
        return with_fields(rate, rate.charge or 0)

    own = RATE_CARD[kind, scope, mode]
    text, image, audio, video = (charge(resolved) for resolved in RESOLVED_MODES)
    return Price(reserve=with_fields(own, own.reserve), charges=(text, image, audio, video))
