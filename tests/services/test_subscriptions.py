"""Changes of plan on a real database: who may make them, what is refused, and each happens once (C2, C3, C9, K1)."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.domain.cases import Case, Organization
from app.domain.plan_changes import PlanChange
from app.domain.plans import PlanTier
from app.domain.refusals import (
    CaseNotActive,
    Flaw,
    Forbidden,
    IdempotencyConflict,
    InvalidInput,
    InvoicingNotContracted,
    NotFound,
    PlanChangeRefused,
    PlanRefusal,
    Refusal,
)
from app.domain.subscriptions import ChangeOrigin
from app.services import previews
from app.services.organizations import set_monthly_invoicing
from app.services.ports import Ports
from tests.plans import BUSINESS, ENTERPRISE, INVOICE, PRO, STARTER, Life, begun, registered
from tests.stage import Clock, new_viewer

Command = Callable[[Life, str], Awaitable[Case | Refusal]]

COMMANDS: dict[str, Command] = {
    "activate": lambda life, key: life.activate(PRO, key=key),
    "reactivate": lambda life, key: life.reactivate(PRO, key=key),
    "upgrade": lambda life, key: life.upgrade(BUSINESS, key=key),
    "downgrade": lambda life, key: life.downgrade(STARTER, key=key),
    "cancel": lambda life, key: life.cancel(key=key),
    "deactivate": lambda life, key: life.deactivate(key=key),
    "buy": lambda life, key: life.buy(1_000, key=key),
}
OTHER_INPUTS: dict[str, Command] = {
    "activate": lambda life, key: life.activate(BUSINESS, key=key),
    "reactivate": lambda life, key: life.reactivate(BUSINESS, key=key),
    "upgrade": lambda life, key: life.upgrade(ENTERPRISE, key=key),
    "downgrade": lambda life, key: life.downgrade(STARTER, ChangeOrigin.PROMPT, key=key),
    "buy": lambda life, key: life.buy(1_001, key=key),
}
REFUSED = {reason: PlanChangeRefused(reason) for reason in PlanRefusal}


async def in_state(ports: Ports, operator: Viewer, state: str) -> Life:
    """state: a tier, or why the case is on none; a plan with a downgrade that waits is "scheduled"."""
    if state == "not activated":
        return await registered(ports, operator)
    life = await begun(ports, operator, PlanTier[state] if state in PlanTier.__members__ else PRO)
    if state == "deactivated":
        assert isinstance(await life.deactivate(), Case)
    if state == "scheduled":
        assert isinstance(await life.downgrade(), Case)
    return life


async def all_of(life: Life) -> tuple[object, object, object]:
    return await life.see(), await life.timeline(), await life.entries()


@pytest.mark.parametrize(
    ("state", "command", "refusal"),
    [
        ("not activated", "reactivate", REFUSED[PlanRefusal.ACTIVATE_INSTEAD]),
        ("not activated", "upgrade", CaseNotActive()),
        ("not activated", "downgrade", CaseNotActive()),
        ("not activated", "cancel", CaseNotActive()),
        ("not activated", "deactivate", CaseNotActive()),
        ("not activated", "buy", CaseNotActive()),
        ("PRO", "activate", REFUSED[PlanRefusal.ALREADY_ACTIVE]),
        ("PRO", "reactivate", REFUSED[PlanRefusal.ALREADY_ACTIVE]),
        ("PRO", "cancel", REFUSED[PlanRefusal.NOTHING_SCHEDULED]),
        ("STARTER", "downgrade", REFUSED[PlanRefusal.NOT_A_DOWNGRADE]),
        ("BUSINESS", "upgrade", REFUSED[PlanRefusal.NOT_AN_UPGRADE]),
        ("ENTERPRISE", "upgrade", REFUSED[PlanRefusal.NOT_AN_UPGRADE]),
        ("ENTERPRISE", "buy", REFUSED[PlanRefusal.UNLIMITED_ALREADY]),
        ("deactivated", "activate", REFUSED[PlanRefusal.REACTIVATE_INSTEAD]),
        ("deactivated", "upgrade", CaseNotActive()),
        ("deactivated", "downgrade", CaseNotActive()),
        ("deactivated", "cancel", CaseNotActive()),
        ("deactivated", "deactivate", CaseNotActive()),
        ("deactivated", "buy", CaseNotActive()),
    ],
)
async def test_what_the_state_of_a_case_does_not_allow_is_refused_and_changes_nothing(
    ports: Ports, operator: Viewer, state: str, command: str, refusal: Refusal
) -> None:
    life = await in_state(ports, operator, state)
    before = await all_of(life)
    assert await COMMANDS[command](life, "k") == refusal
    assert await all_of(life) == before


@pytest.mark.parametrize(("state", "command"), [("not activated", "activate"), ("deactivated", "reactivate")])
async def test_monthly_invoices_need_a_contract(ports: Ports, operator: Viewer, state: str, command: str) -> None:
    """C7."""
    life = await in_state(ports, operator, state)
    await set_monthly_invoicing(ports, await organization_of(life), False)  # other tests share the organization
    before = await all_of(life)
    asked = life.activate if command == "activate" else life.reactivate
    assert isinstance(await asked(PRO, INVOICE), InvoicingNotContracted)
    assert await all_of(life) == before


async def organization_of(life: Life) -> Organization:
    return (await life.see()).organization


@pytest.mark.parametrize("command", COMMANDS)
async def test_keys_existence_and_rights_are_judged_in_this_order(ports: Ports, operator: Viewer, command: str) -> None:
    """A1, A2, K1."""
    send = COMMANDS[command]
    life, other = [await registered(ports, operator, organization=str(uuid4())) for _ in range(2)]
    stranger, _ = await new_viewer(ports, Role.ORG_ADMIN, (await organization_of(other)).organization_id)
    member, _ = await new_viewer(ports, Role.MEMBER, (await organization_of(life)).organization_id)
    for viewer in (stranger, member):
        flaw = await send(life.by(viewer=viewer), "")
        assert isinstance(flaw, InvalidInput)
        assert flaw.flaw is Flaw.KEY_LENGTH
    assert await send(life.by(viewer=stranger), "k") == NotFound()
    assert await send(Life(ports, member, uuid4()), "k") == NotFound()
    assert await send(life.by(viewer=member), "k") == Forbidden()


@pytest.mark.parametrize(
    ("role", "origin", "prompts", "upgrades", "downgrades"),
    [
        (Role.MEMBER, ChangeOrigin.PROMPT, True, True, False),
        (Role.MEMBER, ChangeOrigin.PROMPT, False, False, False),
        (Role.MEMBER, ChangeOrigin.SETTINGS, True, False, False),
        (Role.CASE_ADMIN, ChangeOrigin.PROMPT, True, True, True),
        (Role.CASE_ADMIN, ChangeOrigin.PROMPT, False, False, False),
        (Role.CASE_ADMIN, ChangeOrigin.SETTINGS, False, True, True),
        (Role.OPERATOR, ChangeOrigin.SETTINGS, False, True, True),
        (Role.OPERATOR, ChangeOrigin.PROMPT, False, False, False),
    ],
)
async def test_the_switch_decides_about_prompts_and_the_role_about_settings(
    ports: Ports, operator: Viewer, role: Role, origin: ChangeOrigin, prompts: bool, upgrades: bool, downgrades: bool
) -> None:
    """C9."""
    life = await begun(ports, operator)
    await life.set(prompts=prompts)
    organization = None if role is Role.OPERATOR else (await organization_of(life)).organization_id
    changing = life.by(viewer=(await new_viewer(ports, role, organization))[0])
    assert isinstance(await changing.downgrade(STARTER, origin), Case if downgrades else Forbidden)
    assert isinstance(await changing.upgrade(BUSINESS, origin), Case if upgrades else Forbidden)


async def test_a_switch_turned_off_in_the_same_moment_forbids_the_prompt(ports: Ports, operator: Viewer) -> None:
    """C9: replayed from a prompt that is allowed no more, an upgrade is Forbidden too: rights come before keys (K1)."""
    life = await begun(ports, operator)
    assert isinstance(await life.upgrade(BUSINESS, ChangeOrigin.PROMPT, key="k"), Case)
    await life.set(prompts=False)
    assert await life.upgrade(BUSINESS, ChangeOrigin.PROMPT, key="k") == Forbidden()


@pytest.mark.parametrize(
    ("state", "prompts", "tier", "member_sees"),
    [
        ("PRO", True, BUSINESS, True),
        ("PRO", True, PRO, False),
        ("PRO", True, STARTER, False),
        ("PRO", False, BUSINESS, False),
        ("not activated", True, PRO, False),
        ("deactivated", True, PRO, False),
    ],
)
async def test_members_preview_only_what_a_prompt_may_offer_them(
    ports: Ports, operator: Viewer, state: str, prompts: bool, tier: PlanTier, member_sees: bool
) -> None:
    """A2, C9: prices are for admins."""
    life = await in_state(ports, operator, state)
    await life.set(prompts=prompts)
    member, _ = await new_viewer(ports, Role.MEMBER, (await organization_of(life)).organization_id)
    assert isinstance(await life.preview(tier), PlanChange)
    assert isinstance(await life.by(viewer=member).preview(tier), PlanChange if member_sees else Forbidden)
    assert await previews.preview_deactivation(ports, member, life.uuid) == Forbidden()
    assert await Life(ports, member, uuid4()).preview(tier) == NotFound()


FIT = {"activate": "not activated", "reactivate": "deactivated", "cancel": "scheduled"}
"""The states in which the commands succeed; the others do on PRO."""


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_key_changes_a_plan_once_and_a_refusal_does_not_use_it_up(
    ports: Ports, operator: Viewer, clock: Clock, command: str
) -> None:
    """K1: a replay shows the present, another input is a conflict, and each caller has keys of its own."""
    send = COMMANDS[command]
    life = await in_state(ports, operator, FIT.get(command, "PRO"))
    changed = await send(life, "k")
    assert isinstance(changed, Case)
    stands = await all_of(life)
    assert changed == stands[0]
    clock.pass_(hours=1)
    assert await send(life, "k") == changed
    if command in OTHER_INPUTS:
        assert await OTHER_INPUTS[command](life, "k") == IdempotencyConflict()
    assert await all_of(life) == stands
    other, _ = await new_viewer(ports)
    assert await send(life.by(viewer=other), "k") not in (changed, IdempotencyConflict()) or command == "downgrade"


async def test_a_refused_key_is_judged_afresh(ports: Ports, operator: Viewer) -> None:
    """K1."""
    life = await registered(ports, operator)
    for state in ("not activated", "active"):
        for command in ("upgrade", "buy"):
            result = await COMMANDS[command](life, "k")
            assert isinstance(result, CaseNotActive if state == "not activated" else Case)
        if state == "not activated":
            assert isinstance(await life.activate(), Case)
