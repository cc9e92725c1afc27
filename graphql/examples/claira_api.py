"""The smallest client that can be trusted with tokens: it repeats a call, with the same key, until it knows.

Every change carries an idempotency key (K1), so a call whose answer was lost is sent again as it was. It either does
its work now or tells what it did the first time.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict, cast

import httpx2

OPERATIONS = Path(__file__).resolve().parents[1] / "operations"
BUSY = frozenset({429, 502, 503, 504})
UNKNOWN = (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError)
LONGEST_WAIT = 120.0


class Task(TypedDict):
    """What the operations of this client read of a task. Counts are documents and tokens."""

    id: str
    name: str | None
    status: str
    documentCount: int
    succeeded: int
    failed: int
    skipped: int
    pending: int
    reservedTokens: int
    chargedTokens: int
    refundedTokens: int
    heldTokens: int
    overageTokens: int


class ApiFailure(Exception):
    """What went wrong, as a sentence for a person."""


class Refusal(ApiFailure):
    """The service's typed no: its own message and, where a larger plan would help and it does not say so, which one."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        self.code: str = error["code"]
        self.minimum_tier: str | None = error.get("minimumTier") or error.get("requiredTier")
        sentence: str = error["message"]
        if self.minimum_tier and self.minimum_tier.title() not in sentence:
            sentence += f" The lowest plan that would run it: {self.minimum_tier.title()}."
        super().__init__(sentence)


class Api:
    """One service, spoken to with one key.

    `attempts` calls at most for one answer, 0.5 s, 1 s, 2 s ... up to 30 s apart, or as far as the service asks, up to
    LONGEST_WAIT seconds. `say` hears of every repetition. `timeout` in seconds.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        attempts: int = 10,
        timeout: float = 30.0,
        say: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url, self._attempts, self._say, self._sleep = url, attempts, say, sleep
        accept = "application/graphql-response+json, application/json"
        self._client = httpx2.Client(
            headers={"Authorization": f"Bearer {key}", "Accept": accept}, timeout=httpx2.Timeout(timeout)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def read(self, operation: str, **variables: Any) -> Any:
        """The root field of an operation in graphql/operations. Raises ApiFailure."""
        document = (OPERATIONS / f"{operation}.graphql").read_text(encoding="utf-8")
        response = self._answer({"query": document, "variables": variables})
        try:
            body = response.json()
            errors, data = body.get("errors"), body.get("data")
        except (ValueError, AttributeError):
            errors = data = None
        if errors:
            raise ApiFailure(" ".join(str(error["message"]) for error in errors))
        if not data:
            doubt = " Is the key right?" if response.status_code in (401, 403) else ""
            raise ApiFailure(f"{self._url} answered HTTP {response.status_code} without GraphQL in it.{doubt}")
        return next(iter(data.values()))

    def change(self, operation: str, **values: Any) -> Task:
        """The task that a mutation changed. Raises Refusal for the service's typed errors, ApiFailure for the rest."""
        result = self.read(operation, input=values)
        if result["__typename"] != "TaskSuccess":
            raise Refusal(result)
        return cast("Task", result["task"])

    def nodes_of_case(self, operation: str, field: str, **variables: Any) -> Iterator[dict[str, Any]]:
        """Every node of a case's connection, page by page, asked for as they are needed."""
        after: str | None = None
        while True:
            case = self.read(operation, after=after, **variables)
            if case is None:
                return
            yield from (edge["node"] for edge in case[field]["edges"])
            page = case[field]["pageInfo"]
            if not page["hasNextPage"]:
                return
            after = page["endCursor"]

    def _answer(self, call: Mapping[str, Any]) -> httpx2.Response:
        for attempt in range(1, self._attempts + 1):
            wait = min(0.5 * 2 ** (attempt - 1), 30.0)
            try:
                response = self._client.post(self._url, json=call)
            except UNKNOWN as error:
                trouble = f"no answer ({str(error) or type(error).__name__})"
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise ApiFailure(f"{self._url} cannot be called: {error}") from error
            else:
                if response.status_code not in BUSY:
                    return response
                trouble = f"HTTP {response.status_code}"
                wait = max(wait, wait_asked_for(response.headers.get("Retry-After"), datetime.now(UTC)))
            if attempt == self._attempts or wait > LONGEST_WAIT:
                break
            self._say(f"{self._url}: {trouble}. Trying again in {wait:g} s ({attempt + 1} of {self._attempts}).")
            self._sleep(wait)
        later = f", and asks to wait {wait:g} s" if wait > LONGEST_WAIT else f" after {attempt} attempts"
        raise ApiFailure(f"{self._url}: {trouble}{later}. Giving up; the same command goes on from here.")


def wait_asked_for(retry_after: str | None, now: datetime) -> float:
    """Seconds that a Retry-After header asks for, given in seconds or as a date; 0 without one or for nonsense."""
    if not retry_after:
        return 0.0
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    # A date without a zone is GMT by the standard of HTTP.
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds())
