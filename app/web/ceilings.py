"""The ceiling on overage as the settings show it: what it is, and what of it is taken (T5)."""

from dataclasses import dataclass

from app.adapters.languages import Words
from app.domain.overage import NO_OVERAGE, OverageUse
from app.services.plan_overview import PlanOverview

LONGEST_NUMBER = 20
"""Characters of what is typed."""


@dataclass(frozen=True, slots=True)
class CeilingView:
    """state: what there is and what is used of it, in words. text: what the field holds; flawed: which was refused."""

    state: str
    text: str
    flawed: bool


def overage_use(overview: PlanOverview) -> OverageUse:
    """Of the open cycle; of a case without one, nothing."""
    subscription = overview.subscription
    if subscription is None or not overview.case.terms.active:
        return NO_OVERAGE
    return OverageUse(subscription.overage, overview.running.provisional)


def ceiling_view(overview: PlanOverview, words: Words, typed: str | None) -> CeilingView:
    """typed: what somebody sent that was refused."""
    ceiling = overview.case.terms.overage_ceiling
    text = "" if ceiling is None else words.number(ceiling)
    return CeilingView(_state(overview, words), text if typed is None else typed, typed is not None)


def _state(overview: PlanOverview, words: Words) -> str:
    ceiling, use = overview.case.terms.overage_ceiling, overage_use(overview)
    if ceiling is None:
        return words.say("There is no ceiling on overage.")
    said = [words.say("Used in this cycle: %(used)s of %(ceiling)s.", used=use.counted, ceiling=ceiling)]
    if use.provisional:
        said.append(
            words.count(
                "%(number)s token of it is set aside by running tasks.",
                "%(number)s tokens of it are set aside by running tasks.",
                use.provisional,
            )
        )
    return " ".join(said)
