"""What a caller may see and do (A1, A2)."""

import pytest

from app.domain.callers import Role, Viewer
from app.domain.languages import Language


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CASE_ADMIN, Role.ORG_ADMIN])
def test_a_client_sees_its_own_organization_and_no_other(role: Role) -> None:
    """A2."""
    viewer = Viewer(1, "scanner", role, organization_id=5)
    assert viewer.sees(5)
    assert not viewer.sees(6)
    assert not viewer.is_operator


def test_a_client_without_an_organization_sees_none() -> None:
    assert not Viewer(1, "lost", Role.ORG_ADMIN, organization_id=None).sees(5)


def test_an_operator_sees_every_organization() -> None:
    operator = Viewer(1, "operator", Role.OPERATOR, organization_id=None)
    assert operator.is_operator
    assert operator.sees(5)
    assert operator.sees(6)


@pytest.mark.parametrize(
    ("role", "administers"),
    [(Role.MEMBER, False), (Role.CASE_ADMIN, True), (Role.ORG_ADMIN, True), (Role.OPERATOR, True)],
)
def test_every_role_but_a_member_administers(role: Role, administers: bool) -> None:
    """A1."""
    assert Viewer(1, "someone", role, 5).administers is administers


def test_a_caller_reads_english_unless_it_chose() -> None:
    """E1."""
    assert Viewer(1, "someone", Role.MEMBER, 5).language is Language.EN
