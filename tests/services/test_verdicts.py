"""What the panel says of a quote, in both languages (T1, T5, E1)."""

import pytest

from app.adapters.languages import words
from app.adapters.verdicts import charges, headline, reason, worth
from app.domain.cases import Case
from app.domain.languages import Language
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import BulkLimitExceeded, CaseNotActive, FeatureNotInPlan, InsufficientTokens
from app.domain.tasks import TaskRequest
from tests.domain.test_domain_quotes import bulk, case_on, codes, judged

EN, FR = words(Language.EN), words(Language.FR)
STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier
SINGLE = TaskRequest(TaskKind.SCAN, TaskScope.SINGLE, ScanMode.AUTO, 1)

# What is judged, then headline and second sentence in each language.
VERDICTS = [
    (case_on(PRO), bulk(1), "Would run: holds 1 token of 10,000", "",
     "Acceptée\u00a0: 1 jeton réservé sur 10\u00a0000", ""),
    (case_on(PRO, 9_000), bulk(1_800, ScanMode.IMAGE), "Would run: holds 9,000 of 9,000 tokens", "",
     "Acceptée\u00a0: 9\u00a0000 jetons réservés sur 9\u00a0000", ""),
    (case_on(ENTERPRISE), bulk(1), "Would run: holds 1 token", "", "Acceptée\u00a0: 1 jeton réservé", ""),
    (case_on(ENTERPRISE), bulk(2_000), "Would run: holds 2,000 tokens", "",
     "Acceptée\u00a0: 2\u00a0000 jetons réservés", ""),
    (case_on(STARTER, 0), SINGLE, "Would run: free", "", "Acceptée\u00a0: gratuite", ""),
    (case_on(PRO, 1_000, overage=True), bulk(3_500), "Would run: 2,500 of 3,500 tokens as overage", "",
     "Acceptée\u00a0: 2\u00a0500 jetons excédentaires sur 3\u00a0500", ""),
    (case_on(PRO, 0, overage=True), bulk(1), "Would run: 1 token of 1 as overage", "",
     "Acceptée\u00a0: 1 jeton excédentaire sur 1", ""),
    (case_on(PRO, 0), bulk(1), "Would not run: 1 token missing", "", "Refusée\u00a0: il manque 1 jeton", ""),
    (case_on(PRO, 8_000), bulk(10_000), "Would not run: 2,000 tokens missing", "",
     "Refusée\u00a0: il manque 2\u00a0000 jetons", ""),
    (case_on(STARTER), bulk(1_001), "Would not run: 1,001 documents in one task",
     "Starter allows 1,000 documents in a task.", "Refusée\u00a0: 1\u00a0001 documents dans une seule tâche",
     "Le forfait Starter permet 1\u00a0000 documents par tâche."),
    (case_on(STARTER), codes(2), "Would not run: Multi-Code needs Pro",
     "Starter scans text, images, audio and video; Multi-Code starts at Pro.",
     "Refusée\u00a0: Multi-Code exige le forfait Pro",
     "Le forfait Starter analyse le texte, les images, l\u2019audio et la vidéo; "
     "Multi-Code est offert à partir du forfait Pro."),
    (case_on(None), bulk(2), "Would not run: the case has no plan", "A case runs tasks once it is active on a plan.",
     "Refusée\u00a0: le dossier n\u2019a pas de forfait",
     "Les tâches s\u2019exécutent une fois le dossier activé avec un forfait."),
]  # fmt: skip


@pytest.mark.parametrize(("case", "task", "english", "because", "french", "parce"), VERDICTS)
def test_a_verdict_says_whether_it_would_run_and_what_matters_most(
    case: Case, task: TaskRequest, english: str, because: str, french: str, parce: str
) -> None:
    quote = judged(case, task)
    assert (headline(case, task, quote, EN), reason(case, quote, EN)) == (english, because)
    assert (headline(case, task, quote, FR), reason(case, quote, FR)) == (french, parce)


def test_every_gate_has_its_verdict_here() -> None:
    gates = {type(judged(case, task).blocked_by) for case, task, *_ in VERDICTS}
    assert gates == {type(None), CaseNotActive, FeatureNotInPlan, BulkLimitExceeded, InsufficientTokens}


@pytest.mark.parametrize(
    ("task", "english", "french"),
    [
        (bulk(1), "1 document ×\u00a01", "1 document ×\u00a01"),
        (bulk(1_200, ScanMode.AUTO), "1,200 documents ×\u00a020", "1\u00a0200 documents ×\u00a020"),
        (codes(2, 8), "2 documents ×\u00a08", "2 documents ×\u00a08"),
    ],
)
def test_the_worst_case_is_documents_times_what_each_reserves(task: TaskRequest, english: str, french: str) -> None:
    assert (worth(task, EN), worth(task, FR)) == (english, french)


@pytest.mark.parametrize(
    ("task", "english", "french"),
    [
        (bulk(12, ScanMode.AUDIO), [("Charged if all succeed", 120)], [("Imputés si tout réussit", 120)]),
        (
            bulk(10, ScanMode.AUTO),
            [("Charged, all text", 10), ("Charged, all image", 50), ("Charged, all audio", 100),
             ("Charged, all video", 200)],
            [("Imputés, texte seulement", 10), ("Imputés, images seulement", 50), ("Imputés, audio seulement", 100),
             ("Imputés, vidéo seulement", 200)],
        ),
        (
            TaskRequest(TaskKind.MULTI_CODE, TaskScope.BULK, ScanMode.AUTO, 2, 4),
            [("Charged, all text", 8), ("Charged, all image", 16), ("Charged, all audio", 26),
             ("Charged, all video", 46)],
            [("Imputés, texte seulement", 8), ("Imputés, images seulement", 16), ("Imputés, audio seulement", 26),
             ("Imputés, vidéo seulement", 46)],
        ),
    ],
)  # fmt: skip
def test_what_would_be_charged_hangs_on_what_documents_turn_out_to_be(
    task: TaskRequest, english: list[tuple[str, int]], french: list[tuple[str, int]]
) -> None:
    """P2: every document succeeding; n fields cost text n, and n - 1 more than a scan in the other modes."""
    assert (charges(task, EN), charges(task, FR)) == (english, french)
