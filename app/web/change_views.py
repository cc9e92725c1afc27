"""A change of plan before it is confirmed: when, what becomes of the tokens, what is unlocked and lost (C2, L5-L7)."""

from app.adapters.languages import capitalized
from app.adapters.plan_texts import features, limits
from app.domain.cycles import anchor_day, cycle_end, eastern_date
from app.domain.plan_changes import ChangeKind, PlanChange
from app.domain.plans import Plan
from app.services.plan_overview import PlanOverview
from app.web.plan_sums import NEW, ChangeSums
from app.web.promises import Promise, promise_of
from app.web.readers import Reader


class ChangeView:
    """A change for one reader, who may see money."""

    def __init__(self, change: PlanChange, overview: PlanOverview, reader: Reader) -> None:
        self.change = change
        self.case = overview.case
        self.subscription = overview.subscription
        self.running = overview.running
        self.reader = reader
        self.words = reader.words
        self.new = change.kind in NEW
        self.upgrade = change.kind is ChangeKind.UPGRADE
        self.downgrade = change.kind is ChangeKind.DOWNGRADE
        self.deactivation = change.kind is ChangeKind.DEACTIVATION
        self.sums = ChangeSums(change, overview, reader)
        self.effective_on = self.words.full_day(eastern_date(change.effective_at))

    @property
    def promise(self) -> Promise:
        return promise_of(self.change, self.subscription, self.running)

    @property
    def plan(self) -> Plan:
        """The one that the change leads to; of a deactivation, the one that ends."""
        return self.change.plan

    @property
    def before(self) -> Plan | None:
        """The plan that the case is on."""
        return self.case.terms.plan

    @property
    def headline(self) -> str:
        words = self.words
        if self.deactivation:
            return words.say("Deactivate this case, now")
        if self.change.kind is ChangeKind.ACTIVATION:
            return words.say("Activate on %(plan)s, now", plan=self.plan.name)
        if self.change.kind is ChangeKind.REACTIVATION:
            return words.say("Reactivate on %(plan)s, now", plan=self.plan.name)
        assert self.before is not None, "a case without a plan is activated"
        if self.upgrade:
            return words.say("%(before)s to %(plan)s, now", before=self.before.name, plan=self.plan.name)
        return words.say(
            "%(before)s to %(plan)s, on %(day)s", before=self.before.name, plan=self.plan.name, day=self.effective_on
        )

    @property
    def when(self) -> str:
        """What the headline does not say about its time."""
        words, now = self.words, self.reader.now
        if self.downgrade:
            return words.say("At the end of the cycle. Until then nothing changes and it can be cancelled.")
        if self.deactivation:
            return words.say("%(day)s. The cycle ends at once.", day=self.effective_on)
        renewal = words.full_day(eastern_date(cycle_end(now, anchor_day(now))))
        return words.say(
            "%(day)s. A new cycle begins and renews on %(renewal)s.", day=self.effective_on, renewal=renewal
        )

    @property
    def lost_bought(self) -> int:
        """Bought tokens among those that are lost."""
        return self.case.reservoir.purchased if self.deactivation else 0

    @property
    def unlocks(self) -> str:
        return capitalized(features(self.change.unlocks, self.words))

    @property
    def loses(self) -> str:
        return capitalized(features(self.change.loses, self.words))

    @property
    def replaced(self) -> str | None:
        """The name of the plan whose scheduled beginning the change drops or replaces (C3)."""
        if self.new or self.subscription is None or self.subscription.scheduled is None:
            return None
        return self.subscription.scheduled.plan.name

    @property
    def compared(self) -> list[tuple[str, str | None, str]]:
        """The limits of the plan before, if any, and of the one that follows."""
        after = limits(self.plan, self.words)
        if self.before is None:
            return [(label, None, value) for label, value in after]
        return [
            (label, old, value) for (label, value), (_, old) in zip(after, limits(self.before, self.words), strict=True)
        ]
