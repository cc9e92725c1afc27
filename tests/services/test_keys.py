"""API keys (A1): whose a key is, and for how long."""

import hashlib
from uuid import uuid4

import psycopg
import pytest

from app.domain.callers import Role, Viewer
from app.services.keys import authenticate, create_key, list_keys, revoke_key
from app.services.ports import Ports
from tests.stage import registered_case


async def new_key(
    ports: Ports, name: str, role: Role = Role.OPERATOR, organization: int | None = None, **more: bool
) -> str:
    return await create_key(
        ports, name=name, role=role, organization_id=organization, secret=lambda: uuid4().hex, **more
    )


async def viewer_of(ports: Ports, key: str) -> Viewer:
    viewer = await authenticate(ports, key)
    assert viewer is not None
    return viewer


@pytest.mark.parametrize("role", Role)
async def test_a_key_carries_its_callers_name_role_and_organization(ports: Ports, operator: Viewer, role: Role) -> None:
    case = await registered_case(ports, operator, organization=str(uuid4()))
    organization = None if role is Role.OPERATOR else case.organization.organization_id
    name = f"Reviewer {uuid4()}"
    viewer = await viewer_of(ports, await new_key(ports, name, role, organization))
    assert (viewer.name, viewer.role, viewer.organization_id) == (name, role, organization)
    assert viewer.is_operator == (role is Role.OPERATOR)
    assert viewer.administers == (role is not Role.MEMBER)


async def test_nobodys_key_is_nobodys(ports: Ports) -> None:
    key = await new_key(ports, str(uuid4()))
    for other in ("", "clu_", key[:-1], key + "x", key.upper(), key.removeprefix("clu_"), f"clu_{key}", "clu_\ud800",
                  "clu_\0", "x" * 2**20, "clu_" + "x" * 2**20, "clu_' or true --"):  # fmt: skip
        assert await authenticate(ports, other) is None


async def test_of_a_key_only_the_digest_is_stored(ports: Ports, shared_url: str) -> None:
    key = await new_key(ports, str(uuid4()))
    with psycopg.connect(shared_url) as connection:
        found = connection.execute(
            "select count(*) from api_keys where digest = %s", [hashlib.sha256(key.encode()).digest()]
        ).fetchone()
    assert found == (1,)


async def test_a_revoked_key_is_nobodys_from_then_on(ports: Ports) -> None:
    name = str(uuid4())
    keys = [await new_key(ports, name) for _ in range(2)]
    numbers = [known.api_key_id for known in await list_keys(ports) if known.caller == name]
    assert await revoke_key(ports, numbers[0])
    assert not await revoke_key(ports, numbers[0])
    assert await authenticate(ports, keys[0]) is None
    assert (await viewer_of(ports, keys[1])).name == name
    revoked = {known.api_key_id: known.revoked_at for known in await list_keys(ports)}
    assert (revoked[numbers[0]], revoked[numbers[1]]) == (ports.clock(), None)


async def test_replacing_a_callers_keys_leaves_other_callers_theirs(ports: Ports, operator: Viewer) -> None:
    """A namesake in an organization is another caller."""
    name = str(uuid4())
    case = await registered_case(ports, operator, organization=str(uuid4()))
    old = [await new_key(ports, name) for _ in range(2)]
    namesake = await new_key(ports, name, Role.MEMBER, case.organization.organization_id)
    other = await new_key(ports, str(uuid4()))
    new = await new_key(ports, name, revoke_others=True)
    assert [await authenticate(ports, key) for key in old] == [None, None]
    caller = (await viewer_of(ports, new)).caller_id
    assert caller not in {(await viewer_of(ports, namesake)).caller_id, (await viewer_of(ports, other)).caller_id}
