"""Histories sent to a system and to the model, compared after every step.

Before every change of plan the system is asked for its preview, and what the change then does must be just that.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from tests.model.histories import History
from tests.model.history_commands import Command, PreviewChange
from tests.model.history_differences import Difference, differences
from tests.model.history_money import MoneyHistory
from tests.model.history_previews import broken_downgrade, broken_promises, preview_before
from tests.model.history_system import System
from tests.model.model import Model
from tests.model.model_results import Result, Success
from tests.model.model_snapshot import Snapshot

EVERY_CASE = 25
"""Steps after which every case is compared."""


async def drive(system: System, model: Model, seed: int, steps: int) -> None:
    """Send `steps` commands of the history `seed` to both; raises Difference at the first step that shows one.

    After every step the case of the command is compared; all the others, which it must have left alone, and all the
    money now and then.
    """
    history = History(seed)
    both = Both(system, model, seed)
    for both.step in range(1, steps + 1):
        command = history.next(model)
        await both.watch_downgrades(command.at)
        await both.do(command)
        if both.step % EVERY_CASE == 0 or both.step == steps:
            await both.look_at_all(command)


async def drive_money(system: System, model: Model, history: MoneyHistory, seed: int, steps: int) -> None:
    """The same with a history of what costs money: after every step all invoices are compared, and all credits."""
    both = Both(system, model, seed)
    for both.step in range(1, steps + 1):
        command = history.next(model)
        await both.ask(command)
        await both.look_at_money(command)
    await both.look_at_all(command)


class Both:
    """A system and the model, asked the same."""

    def __init__(self, system: System, model: Model, seed: int) -> None:
        self.system, self.model, self.seed, self.step = system, model, seed, 0

    async def do(self, command: Command) -> None:
        """The command, with its preview before it; then its case, and what became of the preview."""
        asked = preview_before(command)
        if asked is None or command.case not in self.model.cases:
            await self.ask(command)
            if command.case in self.model.cases:
                await self.look(command.case, command)
            return
        said = await self.ask(asked)
        before = await self.look(command.case, asked)
        known = len(self.model.remembered)
        answer = await self.ask(command)
        after = await self.look(command.case, command)
        if isinstance(answer, Success) and len(self.model.remembered) > known:
            self.compare(broken_promises(said, command, before, after), command, "something else than its preview")

    async def watch_downgrades(self, until: datetime) -> None:
        """Every downgrade that takes effect on the way, previewed in the last moment before it and seen right after."""
        cases = self.model.cases.values()
        for end in sorted({case.cycles[-1].ends_at for case in cases if case.scheduled_tier}):
            if end > until:
                return
            last = end - timedelta.resolution
            waiting = [case for case in cases if case.scheduled_tier and case.cycles[-1].ends_at == end]
            asked = [PreviewChange(case=case.name, tier=case.scheduled_tier or "", at=last) for case in waiting]
            seen = [(await self.ask(preview), await self.look(preview.case, preview)) for preview in asked]
            # An abandonment at the same instant goes first, and changes what the preview was made of.
            idle = [end in {task.last_sign_at + self.model.idle_limit for task in case.running} for case in waiting]
            for preview, (said, before), disturbed in zip(asked, seen, idle, strict=True):
                then = replace(preview, at=end)
                await self.ask(then)
                after = await self.look(preview.case, then)
                if not disturbed:
                    self.compare(broken_downgrade(said, before, after), then, "something else than its preview")

    async def ask(self, command: Command) -> Result:
        """What the system answers, which is what the model answers."""
        expected = getattr(self.model, command.method)(**vars(command))
        found: Result = await getattr(self.system, command.method)(**vars(command))
        self.compare(differences(expected, found, "answer"), command, "another answer")
        return found

    async def look(self, case: str, command: Command) -> Snapshot:
        """A case as the system shows it, which is how the model shows it."""
        found = await self.system.snapshot(case)
        self.compare(differences(self.model.snapshot(case), found, case), command, f"another state of case {case}")
        return found

    async def look_at_money(self, command: Command) -> None:
        """Every invoice and every credit."""
        self.compare(differences(self.model.money(), await self.system.money(), ""), command, "other money")

    async def look_at_all(self, command: Command) -> None:
        """Everything there is to see."""
        await self.look_at_money(command)
        for case in self.model.cases:
            await self.look(case, command)

    def compare(self, lines: Iterable[str], command: Command, what: str) -> None:
        if found := list(lines):
            raise Difference(self.seed, self.step, command, what, found)
