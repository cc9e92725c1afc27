"""The life of a plan in words: what happened to it, and what that means now (C1-C3)."""

from collections.abc import Mapping
from types import MappingProxyType

from app.adapters.languages import Words, mark
from app.domain import plans
from app.domain.callers import SCHEDULER
from app.domain.subscriptions import PlanEvent, TimelineEvent

_SENTENCES: Mapping[PlanEvent, str] = MappingProxyType(
    {
        PlanEvent.ACTIVATED: mark("Activated on %(plan)s"),
        PlanEvent.REACTIVATED: mark("Reactivated on %(plan)s"),
        PlanEvent.UPGRADED: mark("Upgraded from %(before)s to %(plan)s"),
        PlanEvent.DOWNGRADE_SCHEDULED: mark("Downgrade from %(before)s to %(plan)s scheduled"),
        PlanEvent.DOWNGRADE_CANCELLED: mark("Downgrade to %(plan)s cancelled, %(before)s stays"),
        PlanEvent.DOWNGRADED: mark("Downgraded from %(before)s to %(plan)s"),
        PlanEvent.RENEWED: mark("%(plan)s renewed"),
        PlanEvent.DEACTIVATED: mark("Deactivated, %(plan)s ended"),
    }
)


def event_sentence(event: TimelineEvent, words: Words) -> str:
    """What happened."""
    before = event.from_tier or event.tier
    return words.say(_SENTENCES[event.kind], plan=plans.plan(event.tier).name, before=plans.plan(before).name)


def event_actor(event: TimelineEvent, words: Words) -> str:
    """Who or what did it; names of callers are not translated."""
    return words.say("automatic") if event.actor == SCHEDULER else event.actor
