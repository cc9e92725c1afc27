"""Ledger entries and receipts in words, in both languages (E1, L1, T3, T5)."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.adapters.entries import actor_name, entry_sentence
from app.adapters.languages import words
from app.adapters.receipts import lead, mixed_charge_line, notes, reason
from app.adapters.task_texts import CATEGORIES, CATEGORY_HEADINGS, KINDS, MODES, STATUSES, task_kind, task_name
from app.domain.languages import Language
from app.domain.ledger import EntryGroup, EntryKind, LedgerEntry
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope, UsageCategory
from app.domain.receipts import RefundReason, receipt
from app.domain.tasks import Task, TaskStatus

EN, FR = words(Language.EN), words(Language.FR)
PLAIN = LedgerEntry(
    sequence=7, kind=EntryKind.DAILY_REFILL, balance_change=0, held_change=0, purchased_change=0, provisional_change=0,
    overage_change=0, balance_after=100, held_after=0, documents=None, category=None, task_number=None, cycle_number=1,
    actor="scheduler", occurred_at=datetime(2026, 3, 3, tzinfo=UTC),
)  # fmt: skip
TASK = Task(
    case_uuid=UUID(int=1), number=12, name=None, kind=TaskKind.SCAN, scope=TaskScope.BULK, mode=ScanMode.AUTO,
    active_fields=1, status=TaskStatus.CANCELLED, documents=4, succeeded=2, failed=1, skipped=0, reserved=80, charged=6,
    refunded=74, overage=0, first_entry=2, last_entry=6, created_at=datetime(2026, 3, 3, tzinfo=UTC), finished_at=None,
)  # fmt: skip
OF_TASK = replace(PLAIN, task_number=12, actor="Ana")

ENTRIES = [
    (
        replace(PLAIN, kind=EntryKind.ACTIVATION_FILL, balance_change=10_000),
        "Filled to the cap on activation (Pro)",
        "Remplissage au plafond à l\u2019activation (Pro)",
    ),
    (
        replace(PLAIN, kind=EntryKind.REACTIVATION_FILL, balance_change=10_000),
        "Filled to the cap on reactivation (Pro)",
        "Remplissage au plafond à la réactivation (Pro)",
    ),
    (
        replace(PLAIN, kind=EntryKind.UPGRADE_FILL, balance_change=9_000),
        "Filled to the cap on the upgrade (Pro)",
        "Remplissage au plafond au passage à un forfait supérieur (Pro)",
    ),
    (
        replace(PLAIN, kind=EntryKind.UPGRADE_FILL, balance_change=None, balance_after=None, provisional_change=-5),
        "Tokens unlimited from the upgrade on",
        "Jetons illimités dès le passage à un forfait supérieur",
    ),
    (replace(PLAIN, balance_change=500), "Daily refill", "Recharge quotidienne"),
    (
        replace(PLAIN, kind=EntryKind.PURCHASE, balance_change=1_000, purchased_change=1_000),
        "Purchase of 1,000 tokens",
        "Achat de 1\u00a0000 jetons",
    ),
    (
        replace(OF_TASK, kind=EntryKind.RESERVE, balance_change=-80, held_change=80),
        "Reserve: 4 documents \u00d7\u00a020",
        "Réservation\u00a0: 4 documents \u00d7\u00a020",
    ),
    (
        replace(OF_TASK, kind=EntryKind.RESERVE, balance_change=-79, held_change=79, provisional_change=1),
        "Reserve: 4 documents \u00d7\u00a020, of which 1 token beyond the balance",
        "Réservation\u00a0: 4 documents \u00d7\u00a020, dont 1 jeton au-delà du solde",
    ),
    (
        replace(OF_TASK, kind=EntryKind.CHARGE, held_change=-115, documents=23, category=UsageCategory.IMAGE_SCAN),
        "Charge: image, 23 documents",
        "Imputation\u00a0: image, 23 documents",
    ),
    (
        replace(
            OF_TASK, kind=EntryKind.CHARGE, held_change=-105, provisional_change=-10, overage_change=10, documents=1,
            category=UsageCategory.MULTI_CODE,
        ),
        "Charge: Multi-Code, 1 document, of which 10 tokens as overage",
        "Imputation\u00a0: Multi-Code, 1 document, dont 10 jetons excédentaires",
    ),
    (
        replace(OF_TASK, kind=EntryKind.REFUND, balance_change=34, held_change=-34, documents=2),
        "Refund of 34 tokens: 2 cheaper than reserved",
        "Remboursement de 34 jetons\u00a0: 2 moins coûteux que prévu",
    ),
    (
        replace(OF_TASK, kind=EntryKind.REFUND, balance_change=40, held_change=-40),
        "Refund of 40 tokens: 1 failed, 1 never run",
        "Remboursement de 40 jetons\u00a0: 1 en échec, 1 jamais traité",
    ),
    (
        replace(OF_TASK, kind=EntryKind.REFUND, balance_change=30, held_change=-30, provisional_change=-10),
        "Refund of 40 tokens: 1 failed, 1 never run, of which 10 tokens beyond the balance",
        "Remboursement de 40 jetons\u00a0: 1 en échec, 1 jamais traité, dont 10 jetons au-delà du solde",
    ),
    (
        replace(PLAIN, kind=EntryKind.DOWNGRADE_CLAMP, balance_change=-30_000),
        "Brought down to the cap by a downgrade",
        "Réduction au plafond au passage à un forfait inférieur",
    ),
    (
        replace(PLAIN, kind=EntryKind.DOWNGRADE_CLAMP, balance_change=10_000),
        "End of unlimited tokens: balance set to the cap",
        "Fin des jetons illimités\u00a0: solde porté au plafond",
    ),
    (
        replace(PLAIN, kind=EntryKind.DEACTIVATION_CLEAR, balance_change=-900),
        "Cleared by the deactivation",
        "Remise à zéro à la désactivation",
    ),
    (replace(PLAIN, kind=EntryKind.ADJUSTMENT, balance_change=7), "Adjustment", "Rectification"),
]  # fmt: skip


def test_every_kind_of_entry_is_tried_here() -> None:
    assert {entry.kind for entry, _, _ in ENTRIES} == set(EntryKind)


@pytest.mark.parametrize(("entry", "english", "french"), ENTRIES)
def test_an_entry_says_what_happened(entry: LedgerEntry, english: str, french: str) -> None:
    for language, said in ((EN, english), (FR, french)):
        task = None if entry.task_number is None else TASK
        assert entry_sentence(entry, language, task=task, tier=PlanTier.PRO) == said


@pytest.mark.parametrize("category", UsageCategory)
def test_every_category_of_a_charge_has_a_name(category: UsageCategory) -> None:
    entry = replace(OF_TASK, kind=EntryKind.CHARGE, held_change=-1, documents=2, category=category)
    english, french = (entry_sentence(entry, language, task=TASK, tier=None) for language in (EN, FR))
    assert re.fullmatch(r"Charge: [\w-]+, 2 documents", english)
    assert re.fullmatch(r"Imputation\u00a0: [\w-]+, 2 documents", french)


def test_what_falls_due_by_itself_is_automatic_and_people_are_named() -> None:
    assert (actor_name(PLAIN, EN), actor_name(PLAIN, FR)) == ("automatic", "automatique")
    assert actor_name(OF_TASK, FR) == "Ana"


def test_names_of_tasks_are_data_and_a_number_stands_for_a_missing_one() -> None:
    assert task_name("Revue", 12, EN) == "Revue"
    assert (task_name(None, 1_200, EN), task_name(None, 1_200, FR)) == ("Task 1,200", "Tâche 1\u00a0200")


def test_every_kind_mode_and_status_has_a_name() -> None:
    assert set(MODES) == set(ScanMode)
    assert set(STATUSES) == set(TaskStatus)
    assert set(CATEGORIES) == set(CATEGORY_HEADINGS) == set(UsageCategory)
    assert set(KINDS) == {(kind, scope) for kind in TaskKind for scope in TaskScope}


@pytest.mark.parametrize(
    ("task", "english", "french"),
    [
        (TASK, "bulk scan, auto, 4 documents", "analyse en lot, auto, 4 documents"),
        (
            replace(TASK, kind=TaskKind.MULTI_CODE, mode=ScanMode.TEXT, active_fields=4, documents=520),
            "Multi-Code, text, 4 fields, 520 documents",
            "Multi-Code, texte, 4 champs, 520 documents",
        ),
        (
            replace(TASK, kind=TaskKind.MULTI_CODE, scope=TaskScope.SINGLE, active_fields=1, documents=1),
            "single Multi-Code, auto, 1 field",
            "Multi-Code unitaire, auto, 1 champ",
        ),
        (
            replace(TASK, scope=TaskScope.SINGLE, mode=ScanMode.VIDEO, documents=1),
            "single scan, video",
            "analyse unitaire, vidéo",
        ),
    ],
)
def test_a_task_says_what_it_was_created_with(task: Task, english: str, french: str) -> None:
    assert (task_kind(task, EN), task_kind(task, FR)) == (english, french)


TEXT = EntryGroup(EntryKind.CHARGE, UsageCategory.TEXT_SCAN, 1, 1, 0, 3, 3, 1)
IMAGE = EntryGroup(EntryKind.CHARGE, UsageCategory.IMAGE_SCAN, 1, 5, 0, 4, 4, 1)
RESERVE = EntryGroup(EntryKind.RESERVE, None, None, 80, 0, 2, 2, 1)
CHEAPER = EntryGroup(EntryKind.REFUND, None, 2, 34, 0, 5, 5, 1)
AT_END = EntryGroup(EntryKind.REFUND, None, None, 40, 0, 6, 6, 1)


@pytest.mark.parametrize(
    ("task", "groups", "english", "french"),
    [
        (
            TASK,
            [RESERVE, TEXT, IMAGE, CHEAPER, AT_END],
            "74 of 80 tokens came back: 1 failed, 1 never run, 2 cheaper than reserved.",
            "74 des 80 jetons sont revenus\u00a0: 1 en échec, 1 jamais traité, 2 moins coûteux que prévu.",
        ),
        (
            replace(TASK, status=TaskStatus.RUNNING, refunded=34),
            [RESERVE, TEXT, IMAGE, CHEAPER],
            "So far 34 of 80 tokens came back: 2 cheaper than reserved.",
            "Jusqu\u2019ici, 34 des 80 jetons sont revenus\u00a0: 2 moins coûteux que prévu.",
        ),
        (
            replace(TASK, reserved=2, charged=1, refunded=1, documents=2, succeeded=1, mode=ScanMode.TEXT),
            [replace(RESERVE, tokens=2), TEXT, replace(AT_END, tokens=1)],
            "1 token of 2 came back: 1 failed.",
            "1 jeton sur 2 est revenu\u00a0: 1 en échec.",
        ),
        (
            replace(TASK, status=TaskStatus.RUNNING, refunded=0, charged=0),
            [RESERVE],
            "Nothing came back so far. What failed or skipped documents hold comes back at the end.",
            "Rien n\u2019est encore revenu. Les jetons des documents en échec ou ignorés reviennent à la fin.",
        ),
        (
            replace(TASK, reserved=1, charged=1, refunded=0, documents=1, succeeded=1, failed=0, mode=ScanMode.TEXT),
            [replace(RESERVE, tokens=1), TEXT],
            "Nothing came back: 1 token was reserved and charged.",
            "Rien n\u2019est revenu\u00a0: 1 jeton a été réservé, puis imputé.",
        ),
        (
            replace(TASK, reserved=0, charged=0, refunded=0),
            [],
            "A single-document scan is free: nothing was reserved, nothing is charged.",
            "Une analyse unitaire est gratuite\u00a0: rien n\u2019est réservé, rien n\u2019est imputé.",
        ),
    ],
)
def test_a_receipt_is_one_sentence(task: Task, groups: list[EntryGroup], english: str, french: str) -> None:
    """T3, T7."""
    found = receipt(task, groups)
    assert (lead(found, EN), lead(found, FR)) == (english, french)


BEYOND = replace(
    TASK, reserved=480, charged=320, refunded=160, documents=24, succeeded=16, failed=8, mode=ScanMode.VIDEO
)


@pytest.mark.parametrize(
    ("overage", "released", "english", "french"),
    [
        (0, 0, [], []),
        (
            0,
            1,
            ["1 token of these was set aside beyond the balance, which it did not change."],
            ["1 de ces jetons avait été mis de côté au-delà du solde et ne l\u2019a pas modifié."],
        ),
        (
            1,
            160,
            [
                "160 of these tokens were set aside beyond the balance, which they did not change.",
                "Of 320 charged, 1 token is overage.",
            ],
            [
                "160 de ces jetons avaient été mis de côté au-delà du solde et ne l\u2019ont pas modifié.",
                "Total imputé\u00a0: 320, dont 1 jeton excédentaire.",
            ],
        ),
    ],
)
def test_a_receipt_says_what_of_it_lay_beyond_the_balance(
    overage: int, released: int, english: list[str], french: list[str]
) -> None:
    """T5: provisional overage that came back never left the balance, so that it is not there again either."""
    groups = [
        replace(RESERVE, tokens=480, provisional=overage + released),
        replace(TEXT, category=UsageCategory.VIDEO_SCAN, documents=16, tokens=320, provisional=-overage),
        replace(AT_END, tokens=160, provisional=-released),
    ]
    found = receipt(replace(BEYOND, overage=overage), groups)
    assert (notes(found, EN), notes(found, FR)) == (english, french)


@pytest.mark.parametrize("why", RefundReason)
def test_every_reason_is_told_for_one_and_for_many(why: RefundReason) -> None:
    for language in (EN, FR):
        assert reason(why, 1, language).startswith("1 ")
        assert reason(why, 1_200, language).startswith(f"{language.number(1_200)} ")
    assert reason(why, 2, EN) != reason(why, 2, FR)


def test_several_categories_of_a_charge_fit_one_line() -> None:
    assert mixed_charge_line([TEXT, IMAGE], EN) == "Charged, 1 text, 1 image"
    assert mixed_charge_line([replace(TEXT, documents=48), IMAGE], FR) == "Imputés, 48 textes, 1 image"
