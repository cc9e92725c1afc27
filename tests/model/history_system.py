"""What is held against the model."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tests.model.model_input_faults import Group
from tests.model.model_money import MoneySeen
from tests.model.model_results import Result
from tests.model.model_snapshot import Snapshot


class System(Protocol):
    """Every command finds everything done that fell due at or before its `at`, at the instant at which it did (C10)."""

    async def register(self, *, case: str, at: datetime, caller: str, key: str) -> Result: ...
    async def activate(
        self, *, case: str, tier: str, payment_method: str, at: datetime, caller: str, key: str
    ) -> Result: ...
    async def reactivate(
        self, *, case: str, tier: str, payment_method: str, at: datetime, caller: str, key: str
    ) -> Result: ...
    async def upgrade(
        self, *, case: str, tier: str, origin: str, by_card: bool, at: datetime, caller: str, key: str
    ) -> Result: ...
    async def schedule_downgrade(
        self, *, case: str, tier: str, origin: str, at: datetime, caller: str, key: str
    ) -> Result: ...
    async def cancel_downgrade(self, *, case: str, at: datetime, caller: str, key: str) -> Result: ...
    async def deactivate(self, *, case: str, at: datetime, caller: str, key: str) -> Result: ...
    async def buy(self, *, case: str, tokens: int, at: datetime, caller: str, key: str) -> Result: ...
    async def preview(self, *, case: str, tier: str, at: datetime) -> Result: ...
    async def preview_deactivation(self, *, case: str, at: datetime) -> Result: ...
    async def set_settings(
        self, *, case: str, overage: bool | None, auto_upgrade: bool | None, at: datetime, caller: str, key: str
    ) -> Result: ...
    async def quote(
        self, *, case: str, kind: str, scope: str, mode: str, documents: int, fields: int, at: datetime
    ) -> Result: ...
    async def create_task(
        self,
        *,
        case: str,
        kind: str,
        scope: str,
        mode: str,
        documents: int,
        fields: int,
        name: str | None,
        at: datetime,
        caller: str,
        key: str,
    ) -> Result: ...
    async def record_outcomes(
        self, *, case: str, task_number: int, groups: Sequence[Group], at: datetime, caller: str, key: str
    ) -> Result: ...
    async def finish_task(
        self, *, case: str, task_number: int, end: str, at: datetime, caller: str, key: str
    ) -> Result: ...
    async def open_checkout(
        self, *, case: str, tier: str | None, tokens: int | None, at: datetime, caller: str, key: str
    ) -> Result: ...
    async def use_checkout(self, *, case: str, purpose: str, outcome: str, at: datetime) -> Result: ...
    async def set_card(self, *, case: str, declines: bool, at: datetime) -> Result: ...
    async def money(self) -> MoneySeen: ...
    async def snapshot(self, case: str) -> Snapshot:
        """A registered case; instants compare by moment, in whatever zone."""
        ...
