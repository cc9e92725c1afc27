"""What a form promised is compared with what the change does now."""

from decimal import Decimal

import pytest

from app.domain.plan_changes import ChangeKind
from app.web.promises import Promise, promise_sent

PROMISE = Promise(
    ChangeKind.UPGRADE, "/BUSINESS/PRO-1-0.00//2026-02-10-320.79/0.05", Decimal("5001.00"), Decimal("5003.50"), 0
)


def with_(**changed: object) -> Promise:
    values = {name: getattr(PROMISE, name) for name in ("kind", "terms", "charge", "most", "lost")}
    return Promise(**{**values, **changed})


def test_a_promise_comes_back_as_it_was_sent() -> None:
    assert promise_sent(str(PROMISE)) == PROMISE


@pytest.mark.parametrize(
    "text", ["", "UPGRADE", "UPGRADE/a/b/c/d/e/1/1/0", "UPGRADE/a/b/c/d/e/NaN/1.00/0", f"{PROMISE}x"]
)
def test_what_is_no_promise_is_not_read(text: str) -> None:
    assert promise_sent(text) is None


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        ({}, True),
        ({"charge": Decimal("5003.50"), "most": Decimal("9999.00")}, True),
        ({"charge": Decimal("5003.51")}, False),
        ({"charge": Decimal("5000.99")}, True),
        ({"terms": "/BUSINESS/PRO-2-0.00//2026-02-10-320.79/0.05"}, False),
        ({"terms": "/BUSINESS/PRO-1-0.00//2026-02-11-302.96/0.05"}, False),
        ({"terms": "/BUSINESS/PRO-1-0.00//2026-02-10-320.79/0.06"}, False),
        ({"kind": ChangeKind.DOWNGRADE}, False),
        ({"lost": 1}, False),
    ],
)
def test_only_overage_that_was_announced_may_come_on_top(changed: dict[str, object], holds: bool) -> None:
    assert PROMISE.holds(with_(**changed)) is holds


def test_less_may_be_lost_than_was_said() -> None:
    assert with_(lost=500).holds(with_(lost=499))
    assert not with_(lost=500).holds(with_(lost=501))
