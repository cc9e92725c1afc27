"""A database that only reads, as a standby after a failover, and what the log tells of a database's errors."""

from uuid import uuid4

import psycopg
import pytest
from httpx2 import ASGITransport, AsyncClient
from structlog.testing import capture_logs

from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from tests.stage import Clock, new_viewer, opened

REGISTER = "mutation M($input: RegisterCaseInput!) { registerCase(input: $input) { __typename } }"


def registration(secret: str) -> dict[str, object]:
    return {
        "idempotencyKey": secret,
        "uuid": str(uuid4()),
        "name": secret,
        "organizationNuixId": secret,
        "organizationName": secret,
        "portalUrl": "https://portal.example.com",
    }


async def post(ports: Ports, key: str, secret: str) -> tuple[int, dict[str, str], str]:
    transport = ASGITransport(build_app(ports, Settings()))
    async with AsyncClient(transport=transport, base_url="http://service") as client:
        response = await client.post(
            "/graphql",
            json={"query": REGISTER, "variables": {"input": registration(secret)}},
            headers={"Authorization": f"Bearer {key}"},
        )
    return response.status_code, dict(response.headers), response.text


async def test_a_read_only_database_is_an_outage(own_url: str, own_ports: Ports, clock: Clock) -> None:
    _, key = await new_viewer(own_ports)
    with psycopg.connect(own_url, autocommit=True) as connection:
        connection.execute(f"alter database {connection.info.dbname} set default_transaction_read_only = on")
    async with opened(own_url, clock) as ports:
        status, headers, _ = await post(ports, key, "x")
    assert (status, headers["retry-after"]) == (503, "1")


async def test_an_unexpected_database_error_tells_no_text_of_a_caller(
    own_url: str, own_ports: Ports, caplog: pytest.LogCaptureFixture
) -> None:
    _, key = await new_viewer(own_ports)
    with psycopg.connect(own_url, autocommit=True) as connection:
        connection.execute("alter table organizations add constraint nobody check (name = 'nobody')")
    secret = f"secret-{uuid4()}"
    with capture_logs() as events:
        status, _, answer = await post(own_ports, key, secret)
    assert "INTERNAL_ERROR" in answer, status
    told = str(events) + caplog.text
    assert "sqlstate 23514" in told
    assert secret not in told
    assert key not in told
