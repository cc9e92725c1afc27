"""Callers of the whole service over HTTP, and what they ask."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette

from app.domain.callers import Role
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.organizations import find_by_nuix_id
from app.services.ports import Ports
from tests.api.small_schema import small_door
from tests.api.streaming import served
from tests.stage import Clock, new_viewer

GRAPHQL = "application/graphql-response+json"
FRENCH = "fr-CA"
PORTAL = "https://portal.example.com"

ORGANIZATION = "organization { id nuixId name monthlyInvoicing }"
RESERVOIR = "reservoir { balance held purchased cap fill nextRefill { at tokens } addedSinceLastVisit }"
CASE = f"""
    id uuid name status activatedAt {ORGANIZATION} {RESERVOIR}
    settings {{ overageEnabled autoUpgradeAllowed overageCeiling }}
    testClock {{ id now }}
"""
SUBSCRIPTION = """subscription {
    plan { tier monthlyPrice { amount currency } } paymentMethod currentCycle { startsAt endsAt tier month }
    scheduledDowngrade { tier effectiveAt }
}"""
EVENT = "kind at tier fromTier charge { amount currency } credit { amount currency } actor"
PREVIEW = """query Preview($case: ID!, $tier: PlanTier!) { previewPlanChange(caseId: $case, tier: $tier) {
    allowed effectiveAt chargeNow { amount currency } creditOnNextInvoice { amount currency } balanceBefore balanceAfter
    tokensLost unlocks loses
} }"""
TASK = """
    id name kind scope mode activeFields status documentCount succeeded failed skipped pending reservedTokens
    chargedTokens refundedTokens heldTokens overageTokens createdAt finishedAt
"""
ENTRY = f"""
    id sequence kind balanceChange heldChange purchasedChange provisionalOverageChange overageChange balanceAfter
    heldAfter category actor occurredAt task {{ {TASK} }}
"""
MONTH = """
    month startsAt endsAt cycles { startsAt endsAt tier month } highestTier planTokens grantedTokens consumedTokens
    overageTokens byCategory { category tokens share } previous next
"""
PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount"
ERROR = "__typename ... on Error { code message } ... on InvalidInput { field }"
# An alias, because minimumTier may be null here and nowhere else, which GraphQL would refuse to merge.
GATES = """
    ... on InsufficientTokens {
        required balance missing lowest: minimumTier nextRefillAt mayUpgrade overageCeiling overageLeft
    }
    ... on BulkLimitExceeded { limit minimumTier mayUpgrade }
    ... on FeatureNotInPlan { feature minimumTier mayUpgrade }
"""
CASE_RESULT = (
    f"... on CaseSuccess {{ case {{ {CASE} }} }} {ERROR} ... on InvoicingNotContracted {{ supportEmail mailto }}"
)
TASK_RESULT = f"... on TaskSuccess {{ task {{ {TASK} }} }} {ERROR} {GATES}"
CLOCK_RESULT = f"... on TestClockSuccess {{ testClock {{ id now }} }} {ERROR}"
RESULTS = {
    "registerCase": CASE_RESULT,
    "activateCase": CASE_RESULT,
    "upgradePlan": CASE_RESULT,
    "scheduleDowngrade": CASE_RESULT,
    "cancelScheduledDowngrade": CASE_RESULT,
    "deactivateCase": CASE_RESULT,
    "reactivateCase": CASE_RESULT,
    "buyTokens": CASE_RESULT,
    "updateCaseSettings": CASE_RESULT,
    "createTestClock": CLOCK_RESULT,
    "advanceTestClock": CLOCK_RESULT,
    "createTask": TASK_RESULT,
    "recordOutcomes": TASK_RESULT,
    "finishTask": TASK_RESULT,
}
SHARED_INPUTS = {
    "upgradePlan": "ChangePlanInput",
    "scheduleDowngrade": "ChangePlanInput",
    "cancelScheduledDowngrade": "CaseInput",
    "deactivateCase": "CaseInput",
    "reactivateCase": "ActivateCaseInput",
}
QUOTE = f"""query Quote($input: TaskInput!) {{
    quote(input: $input) {{ reservedTokens overageTokens blockedBy {{ {ERROR} {GATES} }} }} }}"""
STATE = f"""query State($id: ID!) {{ case(id: $id) {{ {CASE} {SUBSCRIPTION} month {{ {MONTH} }}
    timeline(first: 100) {{ edges {{ node {{ {EVENT} }} }} totalCount }}
    ledger(first: 100) {{ edges {{ node {{ {ENTRY} }} }} totalCount }}
    tasks(first: 100) {{ edges {{ node {{ {TASK} }} }} totalCount }} }} }}"""

Json = dict[str, Any]


class Api:
    """One caller. `key` None: a caller without one."""

    def __init__(self, client: httpx2.AsyncClient, key: str | None) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def post(
        self, query: str, variables: Mapping[str, Any] | None = None, *, language: str | None = None
    ) -> httpx2.Response:
        headers = {"Accept": GRAPHQL, **self.headers, **({"Accept-Language": language} if language else {})}
        return await self.client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def ask(self, query: str, *, language: str | None = None, **variables: Any) -> Json:
        """The data of an answer that holds no error."""
        response = await self.post(query, variables, language=language)
        body: Json = response.json()
        assert response.status_code == 200, body
        assert "errors" not in body, body
        data: Json = body["data"]
        return data

    async def failure(self, query: str, *, language: str | None = None, **variables: Any) -> tuple[str, str]:
        """Code and message of an answer's only error."""
        response = await self.post(query, variables, language=language)
        [error] = response.json()["errors"]
        return error["extensions"]["code"], error["message"]

    async def change(self, mutation: str, *, language: str | None = None, **given: Any) -> Json:
        """What a mutation answers; a key of its own unless one is given."""
        input_type = input_of(mutation)
        query = f"mutation Change($input: {input_type}!) {{ {mutation}(input: $input) {{ {RESULTS[mutation]} }} }}"
        data = await self.ask(query, language=language, input={"idempotencyKey": str(uuid4()), **given})
        result: Json = data[mutation]
        return result

    async def registered(
        self, *, organization: str | None = None, portal: str = PORTAL, name: str = "Roe v. Doe", **given: Any
    ) -> Json:
        """A new case, of a new organization unless one is named by its Nuix id."""
        nuix_id = organization or str(uuid4())
        result = await self.change(
            "registerCase", uuid=str(uuid4()), name=name, organizationNuixId=nuix_id,
            organizationName=f"Organization {nuix_id}", portalUrl=portal, **given,
        )  # fmt: skip
        case: Json = result["case"]
        return case

    async def active(self, tier: str = "PRO", *, overage: bool = False, **registration: Any) -> Json:
        """A new case on a plan, its tank full."""
        case = await self.registered(**registration)
        result = await self.change("activateCase", caseId=case["id"], tier=tier, paymentMethod="CARD")
        if overage:
            result = await self.change("updateCaseSettings", caseId=case["id"], overageEnabled=True)
        active: Json = result["case"]
        return active

    async def create(self, case: Json, mode: str = "TEXT", documents: int = 1, **given: Any) -> Json:
        """What createTask says of a bulk scan, unless told otherwise. name and idempotencyKey are the call's."""
        outer = {name: given.pop(name) for name in ("idempotencyKey", "name", "language") if name in given}
        task = {
            "caseId": case["id"],
            "kind": "SCAN",
            "scope": "BULK",
            "mode": mode,
            "documentCount": documents,
            **given,
        }
        return await self.change("createTask", task=task, **outer)

    async def task(self, case: Json, mode: str = "TEXT", documents: int = 1, **given: Any) -> Json:
        """A task that must be allowed."""
        result = await self.create(case, mode, documents, **given)
        assert result["__typename"] == "TaskSuccess", result
        task: Json = result["task"]
        return task

    async def report(self, task: Json, *groups: Json, **given: Any) -> Json:
        return await self.change("recordOutcomes", taskId=task["id"], outcomes=list(groups), **given)

    async def finish(self, task: Json, end: str = "COMPLETED", **given: Any) -> Json:
        return await self.change("finishTask", taskId=task["id"], end=end, **given)

    async def clock(self, now: str) -> Json:
        """A new test clock."""
        clock: Json = (await self.change("createTestClock", now=now))["testClock"]
        return clock

    async def advance(self, clock: Json, to: str) -> Json:
        advanced: Json = (await self.change("advanceTestClock", id=clock["id"], to=to))["testClock"]
        return advanced

    async def preview(self, case: Json, tier: str) -> Json:
        preview: Json = (await self.ask(PREVIEW, case=case["id"], tier=tier))["previewPlanChange"]
        return preview

    async def drain(self, case: Json, tokens: int) -> None:
        """Charges so many tokens, a text each."""
        task = await self.task(case, "TEXT", tokens)
        for start in range(0, tokens, 10_000):
            documents = [str(number) for number in range(start, min(start + 10_000, tokens))]
            await self.report(task, group("SUCCEEDED", *documents))
        await self.finish(task)

    async def state(self, case: Json) -> Json:
        """All that there is to see of a case."""
        state: Json = (await self.ask(STATE, id=case["id"]))["case"]
        return state


def input_of(mutation: str) -> str:
    """The type of its input."""
    return SHARED_INPUTS.get(mutation, f"{mutation[0].upper()}{mutation[1:]}Input")


def registration(**changed: Any) -> Json:
    """Of a case that nobody has registered yet."""
    return {"uuid": str(uuid4()), "name": "Roe", "organizationNuixId": "1", "organizationName": "Firm",
            "portalUrl": "https://portal.example.com", **changed}  # fmt: skip


def group(status: str, *documents: str, mode: str | None = None) -> Json:
    """Documents with one outcome."""
    return {"status": status, "documentIds": list(documents), **({"resolvedMode": mode} if mode else {})}


@dataclass
class Service:
    """The application, one for the session, so that it has read most queries before; `clock` is the test's own."""

    app: Starlette
    clock: Clock


@pytest.fixture(scope="session")
def service(session_ports: Ports) -> Service:
    made = Service(Starlette(), Clock(datetime.now(UTC)))
    made.app = build_app(Ports(session_ports.database, lambda: made.clock.now, test_clocks=True), Settings())
    return made


@pytest.fixture
async def client(service: Service, clock: Clock) -> AsyncIterator[httpx2.AsyncClient]:
    """The whole service on the shared database, in the test's own time."""
    service.clock = clock
    transport = httpx2.ASGITransport(app=service.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://service", timeout=30) as opened:
        yield opened


@pytest.fixture
async def api(client: httpx2.AsyncClient, ports: Ports) -> Api:
    """An operator."""
    return Api(client, (await new_viewer(ports))[1])


Caller = Callable[..., Awaitable[Api]]


@pytest.fixture
def caller(client: httpx2.AsyncClient, ports: Ports) -> Caller:
    """Gives a function that makes a caller of the organization that a case belongs to."""

    async def made(role: Role, case: Json, portal: str = PORTAL) -> Api:
        [organization] = await find_by_nuix_id(ports, case["organization"]["nuixId"], portal)
        return Api(client, (await new_viewer(ports, role, organization.organization_id))[1])

    return made


@pytest.fixture(scope="session")
async def url() -> AsyncIterator[str]:
    """Where the small schema is served over a real port."""
    async with served(small_door()) as address:
        yield address
