"""A month as the page shows it: its cycles, its figures, and what each is made of (C4, C5)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.adapters.charts import donut
from app.adapters.languages import Words
from app.adapters.task_texts import CATEGORY_HEADINGS
from app.domain import plans
from app.domain.cycles import Cycle, eastern_date, refills_between
from app.domain.months import UsageMonth, shares
from app.domain.rates import UsageCategory

_COLOURS = {
    UsageCategory.CHAT: "c-chat",
    UsageCategory.TEXT_SCAN: "c-text",
    UsageCategory.IMAGE_SCAN: "c-image",
    UsageCategory.AUDIO_SCAN: "c-audio",
    UsageCategory.VIDEO_SCAN: "c-video",
    UsageCategory.MULTI_CODE: "c-multi",
}


@dataclass(frozen=True, slots=True)
class Slice:
    """A category: a slice of the donut and a row of its table. share: tenths of a percent, together 1,000."""

    category: UsageCategory
    name: str
    colour: str
    tokens: int
    share: int
    path: str


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that the plan could cover in one cycle (C5). cap None: unlimited."""

    plan: str
    first: date
    last: date
    cap: int | None
    daily: int
    refills: int


def month_values(usage: UsageMonth, now: datetime, words: Words) -> dict[str, Any]:
    """What the template of a month needs."""
    first, last = usage.cycles[0], usage.cycles[-1]
    days = (_last_day(last) - eastern_date(first.starts_at)).days + 1
    today = eastern_date(now)
    is_open = first.starts_at <= now < last.ends_at
    return {
        "usage": usage,
        "first_day": eastern_date(first.starts_at),
        "last_day": _last_day(last),
        "day_of_cycle": (today - eastern_date(first.starts_at)).days + 1 if is_open else None,
        "days_of_cycle": days,
        "slices": _slices(usage, words),
        "ceilings": [_ceiling(cycle) for cycle in usage.cycles],
        "tiers": {cycle.tier: plans.plan(cycle.tier, cycle.catalogue).name for cycle in usage.cycles},
    }


def _last_day(cycle: Cycle) -> date:
    """A cycle that ends at midnight does not touch the day that then begins."""
    return eastern_date(cycle.ends_at - timedelta(microseconds=1))


def _slices(usage: UsageMonth, words: Words) -> list[Slice]:
    parts = usage.by_category
    tokens = [part.tokens for part in parts]
    names = [words.say(CATEGORY_HEADINGS[part.category]) for part in parts]
    paths = donut(tuple(tokens)) if tokens else ()
    return [
        Slice(part.category, name, _COLOURS[part.category], part.tokens, share, path)
        for part, name, share, path in zip(parts, names, shares(tokens), paths, strict=True)
    ]


def _ceiling(cycle: Cycle) -> Ceiling:
    plan = plans.plan(cycle.tier, cycle.catalogue)
    return Ceiling(
        plan=plan.name,
        first=eastern_date(cycle.starts_at),
        last=_last_day(cycle),
        cap=plan.cap,
        daily=plan.daily_refill or 0,
        refills=refills_between(cycle.starts_at, cycle.ends_at),
    )
