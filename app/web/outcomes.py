"""What a change of the plan or of a setting did, told on the page that it leads back to."""

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response

from app.adapters.plan_events import event_sentence
from app.domain.cases import Case
from app.domain.cycles import eastern_date
from app.domain.subscriptions import PlanEvent
from app.services.plan_overview import PlanOverview
from app.web.addresses import NO_TASK, address
from app.web.notices import Notice
from app.web.pages import HEADERS
from app.web.readers import Reader
from app.web.task_views import entry_address
from app.web.visits import Visit

DONE = ("plan", "tokens", "overage", "auto", "ceiling")
"""What a change leads back to a page with, to be told there."""


def told(visit: Visit, done: str, task: Mapping[str, str] = NO_TASK) -> Response:
    """Away from the form, so that it is not sent again, to the page that says what was done.

    task: the values of one that was refused, to which it goes back.
    """
    base = visit.reader.base
    path = address(base if task else f"{base}/settings", {**task, "done": done})
    return RedirectResponse(f"{path}#notice", 303, headers=HEADERS)


def asked_done(visit: Visit) -> str:
    """What the address says that a change did; empty where it says nothing of ours."""
    done = visit.request.query_params.get("done", "")
    return done if done in DONE else ""


async def done_notice(visit: Visit) -> Notice | None:
    """What a change did that has led back to another page than this."""
    done = asked_done(visit)
    return outcome(done, await visit.plan_overview(bought=done == "tokens"), visit.reader) if done else None


def outcome(done: str, overview: PlanOverview, reader: Reader) -> Notice | None:
    """What the newest event, purchase or setting says: true whoever calls the address, and however often."""
    words, case = reader.words, overview.case
    match done:
        case "plan" if overview.events:
            return _event_notice(overview, reader)
        case "tokens" if overview.bought is not None:
            bought = overview.bought
            said = words.count(
                "%(number)s token was bought.", "%(number)s tokens were bought.", bought.purchased_change
            )
            entry = words.say("entry %(number)s", number=bought.sequence)
            return Notice(said, _balance(case, reader), href=entry_address(reader.links, bought.sequence), link=entry)
        case "overage":
            on = case.terms.overage_enabled
            return Notice(
                words.say("Overage is on.") if on else words.say("Overage is off."), words.say("From now on.")
            )
        case "ceiling":
            ceiling = case.terms.overage_ceiling
            if ceiling is None:
                return Notice(words.say("There is no ceiling on overage."), words.say("From now on."))
            said = words.count(
                "Overage stops at %(number)s token in a cycle.",
                "Overage stops at %(number)s tokens in a cycle.",
                ceiling,
            )
            return Notice(said, words.say("From now on."))
        case "auto":
            on = case.terms.auto_upgrade_allowed
            headline = words.say("Auto upgrade is allowed.") if on else words.say("Auto upgrade is not allowed.")
            return Notice(headline, words.say("From now on."))
    return None


def _event_notice(overview: PlanOverview, reader: Reader) -> Notice:
    words, case, event = reader.words, overview.case, overview.events[0]
    headline = words.say("%(event)s.", event=event_sentence(event, words))
    subscription = overview.subscription
    match event.kind:
        case PlanEvent.DOWNGRADE_SCHEDULED if subscription is not None and subscription.scheduled is not None:
            day = words.full_day(eastern_date(subscription.scheduled.effective_at))
            return Notice(
                headline,
                words.say("It takes effect on %(day)s. Until then nothing changes, and it can be cancelled.", day=day),
            )
        case PlanEvent.DEACTIVATED:
            return Notice(headline, words.say("Tasks no longer run. Months, tasks and ledger stay open to read."))
        case PlanEvent.DOWNGRADE_CANCELLED:
            return Notice(headline, words.say("It renews at the end of the cycle."))
        case _:
            return Notice(headline, _balance(case, reader))


def _balance(case: Case, reader: Reader) -> str:
    balance = case.reservoir.balance
    if balance is None:
        return reader.words.say("Its reservoir is unlimited.")
    return reader.words.say("The balance is %(balance)s now.", balance=balance)
