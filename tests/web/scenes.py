"""Every state of the panel, as cases in a database: what the tests open and the pictures show."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.subscriptions import ChangeOrigin
from app.domain.tasks import Task, TaskEnd, TaskRequest
from app.services import subscriptions, tasks
from app.services.cases import update_case_settings
from app.services.due import bring_up_to_date
from app.services.ports import Ports
from app.services.purchases import buy_tokens
from tests.stage import (
    Clock,
    active_case,
    bulk,
    failed,
    finish,
    named,
    registered_case,
    report,
    reread,
    skipped,
    succeeded,
)

Builder = Callable[[Ports, Viewer, Clock], Awaitable[Case]]


async def started(ports: Ports, viewer: Viewer, case: Case, name: str, task: TaskRequest) -> Task:
    made = await tasks.create_task(ports, viewer, key=name, case_uuid=case.terms.uuid, task=task, name=name)
    assert isinstance(made, Task), made
    return made


async def renamed(ports: Ports, case: Case, name: str) -> None:
    async with ports.database.writing() as connection:
        await connection.execute(
            text("update cases set name = :name where case_id = :case"), {"name": name, "case": case.terms.case_id}
        )


async def caught_up(ports: Ports, viewer: Viewer, case: Case) -> None:
    """What is due on the case by now is done: its cycles end, its tank is refilled (C10)."""
    terms = await ports.terms(case.terms.uuid, viewer, fresh=True)
    assert terms is not None
    await bring_up_to_date(ports, terms)


async def bought(ports: Ports, viewer: Viewer, case: Case, tokens: int) -> None:
    made = await buy_tokens(ports, viewer, key=f"buy {tokens}", case_uuid=case.terms.uuid, tokens=tokens)
    assert isinstance(made, Case), made


async def downgrading(ports: Ports, viewer: Viewer, case: Case, tier: PlanTier) -> None:
    """A downgrade waits for the end of the cycle (C3)."""
    made = await subscriptions.schedule_downgrade(
        ports, viewer, key=f"down to {tier}", case_uuid=case.terms.uuid, tier=tier, origin=ChangeOrigin.SETTINGS
    )
    assert isinstance(made, Case), made


async def upgraded(ports: Ports, viewer: Viewer, case: Case, tier: PlanTier) -> None:
    made = await subscriptions.upgrade_plan(
        ports, viewer, key=f"up to {tier}", case_uuid=case.terms.uuid, tier=tier, origin=ChangeOrigin.SETTINGS
    )
    assert isinstance(made, Case), made


async def deactivated(ports: Ports, viewer: Viewer, case: Case) -> None:
    made = await subscriptions.deactivate_case(ports, viewer, key="deactivate", case_uuid=case.terms.uuid)
    assert isinstance(made, Case), made


async def working(ports: Ports, viewer: Viewer, clock: Clock) -> Case:
    """Three months on Pro, every kind of task, a receipt of 74 tokens, two tasks running."""
    end = clock.now
    clock.now = end - timedelta(days=74)
    case = await active_case(ports, viewer, PlanTier.PRO)
    await renamed(ports, case, "Tremblay v. Nordwind Energy Inc.")
    first = await started(ports, viewer, case, "First look", bulk(ScanMode.TEXT, 400))
    await report(ports, viewer, first, succeeded(named(400)))
    await finish(ports, viewer, first)
    clock.now = end - timedelta(days=8)
    exhibits = await started(ports, viewer, case, "Exhibits 41 to 44, trial", bulk(ScanMode.AUTO, 4))
    await report(
        ports, viewer, exhibits, succeeded(["41"], ScanMode.TEXT), succeeded(["42"], ScanMode.IMAGE), failed(["43"])
    )
    await finish(ports, viewer, exhibits, TaskEnd.CANCELLED)
    clock.pass_(days=3)
    voices = await started(ports, viewer, case, "Voicemail export", bulk(ScanMode.AUDIO, 120))
    await report(ports, viewer, voices, succeeded(named(113)), failed(named(4, 113)), skipped(named(3, 117)))
    await finish(ports, viewer, voices)
    clock.pass_(days=1)
    codes = await started(
        ports, viewer, case, "Privilege coding", TaskRequest(TaskKind.MULTI_CODE, TaskScope.BULK, ScanMode.TEXT, 520, 4)
    )
    await report(ports, viewer, codes, succeeded(named(513)), failed(named(7, 513)))
    await finish(ports, viewer, codes)
    clock.pass_(days=1)
    depositions = await started(ports, viewer, case, "Depositions, video", bulk(ScanMode.VIDEO, 45))
    await report(ports, viewer, depositions, succeeded(named(43)), skipped(named(2, 43)))
    await finish(ports, viewer, depositions)
    alone = TaskRequest(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.AUTO, 1)
    single = await started(ports, viewer, case, "Exhibit 7", alone)
    await report(ports, viewer, single, succeeded(["7"], ScanMode.IMAGE))
    await finish(ports, viewer, single)
    clock.now = end - timedelta(minutes=54)
    mailbox = await started(ports, viewer, case, "Tremblay mailbox, first pass", bulk(ScanMode.TEXT, 2_600))
    await report(ports, viewer, mailbox, succeeded(named(588)))
    clock.pass_(minutes=32)
    photos = await started(ports, viewer, case, "Site photos and drawings", bulk(ScanMode.AUTO, 120))
    await report(ports, viewer, mailbox, succeeded(named(592, 588)), failed(named(12, 1_180)), skipped(named(8, 1_192)))
    clock.pass_(minutes=11)
    await report(
        ports, viewer, photos, succeeded(named(48), ScanMode.TEXT), succeeded(named(23, 48), ScanMode.IMAGE),
        failed(named(2, 71)), skipped(named(1, 73)),
    )  # fmt: skip
    clock.now = end
    return await reread(ports, viewer, case)


async def fresh(ports: Ports, viewer: Viewer, clock: Clock) -> Case:
    """Just activated: nothing has run, the tank is full."""
    case = await active_case(ports, viewer, PlanTier.BUSINESS)
    await renamed(ports, case, "In re Harrow Pension Plan")
    return await reread(ports, viewer, case)


async def starter(ports: Ports, viewer: Viewer, clock: Clock) -> Case:
    case = await active_case(ports, viewer, PlanTier.STARTER)
    await renamed(ports, case, "Okafor v. Saint-Laurent Shipping")
    task = await started(ports, viewer, case, "Invoices", bulk(ScanMode.TEXT, 360))
    await report(ports, viewer, task, succeeded(named(360)))
    await finish(ports, viewer, task)
    return await reread(ports, viewer, case)


async def unlimited(ports: Ports, viewer: Viewer, clock: Clock) -> Case:
    case = await active_case(ports, viewer, PlanTier.ENTERPRISE)
    await renamed(ports, case, "Castellan Foods Recall")
    task = await started(ports, viewer, case, "Everything", bulk(ScanMode.AUTO, 3_000_000))
    await report(ports, viewer, task, succeeded(named(900), ScanMode.AUDIO), succeeded(named(300, 900), ScanMode.TEXT))
    return await reread(ports, viewer, case)


async def beyond(ports: Ports, viewer: Viewer, clock: Clock) -> Case:
    """Overage on and in use: the balance is 0, a running task has set some aside; 760 of a ceiling of 1,000."""
    case = await active_case(ports, viewer, PlanTier.STARTER, overage=True)
    await renamed(ports, case, "Tremblay c. Énergie Boréale")
    await update_case_settings(ports, viewer, key="ceiling", case_uuid=case.terms.uuid, overage_ceiling=1_000)
    done = await started(ports, viewer, case, "Courriels", bulk(ScanMode.IMAGE, 320))
    await report(ports, viewer, done, succeeded(named(320)))
    await finish(ports, viewer, done)
    await started(ports, viewer, case, "Pièces jointes", bulk(ScanMode.TEXT, 160))
    return await reread(ports, viewer, case)


async def waiting(ports: Ports, viewer: Viewer, clock: Clock) -> Case:
    case = await registered_case(ports, viewer)
    await renamed(ports, case, "Lindqvist v. Aurora Mining")
    return await reread(ports, viewer, case)


async def ended(ports: Ports, viewer: Viewer, clock: Clock) -> Case:
    """Deactivated on the third: what was left is cleared, and a running task cancelled."""
    end = clock.now
    clock.now = end - timedelta(days=40)
    case = await active_case(ports, viewer, PlanTier.PRO)
    await renamed(ports, case, "Marchetti v. Borealis Rail")
    task = await started(ports, viewer, case, "Depositions", bulk(ScanMode.VIDEO, 20))
    await report(ports, viewer, task, succeeded(named(18)), failed(named(2, 18)))
    await finish(ports, viewer, task)
    clock.now = end - timedelta(days=18)
    await started(ports, viewer, case, "Voicemail", bulk(ScanMode.AUDIO, 12))
    await deactivated(ports, viewer, case)
    clock.now = end
    return await reread(ports, viewer, case)


async def scheduled(ports: Ports, viewer: Viewer, clock: Clock) -> Case:
    """On Business after Starter and Pro, with bought tokens, to go down to Pro at the end of the cycle."""
    end = clock.now
    clock.now = end - timedelta(days=30)
    case = await active_case(ports, viewer, PlanTier.STARTER)
    await renamed(ports, case, "Desrosiers v. Northern Gateway")
    clock.pass_(days=9)
    await upgraded(ports, viewer, case, PlanTier.PRO)
    clock.pass_(days=10)
    await upgraded(ports, viewer, case, PlanTier.BUSINESS)
    await bought(ports, viewer, case, 1_234)
    task = await started(ports, viewer, case, "Correspondence", bulk(ScanMode.IMAGE, 3_200))
    await report(ports, viewer, task, succeeded(named(3_200)))
    await finish(ports, viewer, task)
    clock.pass_(days=2)
    await downgrading(ports, viewer, case, PlanTier.STARTER)
    await downgrading(ports, viewer, case, PlanTier.PRO)
    clock.now = end
    await caught_up(ports, viewer, case)
    return await reread(ports, viewer, case)


async def above(ports: Ports, viewer: Viewer, clock: Clock) -> Case:
    """Down from Business to Pro while a task holds more than the lower cap (L6)."""
    end = clock.now
    clock.now = end - timedelta(days=31)
    case = await active_case(ports, viewer, PlanTier.BUSINESS)
    await renamed(ports, case, "Abitibi Mills Class Action")
    await downgrading(ports, viewer, case, PlanTier.PRO)
    assert case.cycle_ends_at is not None
    clock.now = case.cycle_ends_at - timedelta(hours=1)
    await started(ports, viewer, case, "Archive, all boxes", bulk(ScanMode.AUTO, 1_500))
    clock.now = end
    await caught_up(ports, viewer, case)
    return await reread(ports, viewer, case)


SCENES: Mapping[str, Builder] = {
    "working": working,
    "fresh": fresh,
    "starter": starter,
    "unlimited": unlimited,
    "beyond": beyond,
    "waiting": waiting,
    "ended": ended,
    "scheduled": scheduled,
    "above": above,
}


async def all_scenes(ports: Ports, viewer: Viewer, clock: Clock) -> dict[str, UUID]:
    """Builds each; all of them are seen at the same moment."""
    return {name: (await build(ports, viewer, clock)).terms.uuid for name, build in SCENES.items()}
