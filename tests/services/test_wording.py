"""What people read, in both languages (E1)."""

import re
from datetime import UTC, datetime
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings, strategies as st

from app.adapters.languages import Words, accepted_language, words
from app.adapters.plan_texts import description
from app.adapters.sentences import FEATURES, contract_request, sentence
from app.domain.languages import Language
from app.domain.plans import Feature, PlanTier
from app.domain.refusals import (
    BulkLimitExceeded,
    CaseNotActive,
    FeatureNotInPlan,
    Flaw,
    Forbidden,
    IdempotencyConflict,
    InsufficientTokens,
    InvalidInput,
    InvoicingNotContracted,
    NotFound,
    PlanChangeRefused,
    PlanRefusal,
    Refusal,
    TaskFinished,
)

EN, FR = words(Language.EN), words(Language.FR)
NINE = datetime(2026, 3, 4, 14, tzinfo=UTC)
LIMITS: dict[str, int | str] = {"longest": 255, "most": 10_000, "first": "2000", "last": "2199"}

REFUSALS: list[Refusal] = [
    *(InvalidInput("field", flaw, LIMITS) for flaw in Flaw),
    *(PlanChangeRefused(reason) for reason in PlanRefusal),
    NotFound(),
    Forbidden(),
    IdempotencyConflict(),
    CaseNotActive(),
    TaskFinished(),
    InvoicingNotContracted({"ORG_ID": "1"}),
    InsufficientTokens(100, 40, PlanTier.BUSINESS, NINE, True),
    InsufficientTokens(100, 40, None, None, False),
    BulkLimitExceeded(1_000, PlanTier.PRO, True),
    FeatureNotInPlan(Feature.MULTI_CODE, PlanTier.PRO, True),
]


def test_every_kind_of_refusal_is_tried_here() -> None:
    assert {type(refusal) for refusal in REFUSALS} == set(get_args(Refusal))


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_every_refusal_is_a_sentence_in_each_language(refusal: Refusal) -> None:
    english, french = sentence(refusal, EN), sentence(refusal, FR)
    assert english != french
    for said in (english, french):
        assert re.fullmatch(r"\S.*[.]", said)
        assert "%" not in said
        assert "  " not in said


def test_no_two_flaws_read_the_same() -> None:
    for language in (EN, FR):
        assert len({sentence(InvalidInput("field", flaw, LIMITS), language) for flaw in Flaw}) == len(Flaw)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (EN, "This task reserves 6,000 tokens. 2,000 tokens are missing. The next refill comes on March 4, 2026, "
             "9:00\u202fa.m. (Eastern Time). It would run on the Business plan."),
        (FR, "Cette tâche réserve 6\u00a0000 jetons. Il manque 2\u00a0000 jetons. La prochaine recharge aura lieu le "
             "4 mars 2026, 09 h 00 (heure de l\u2019Est). Cette tâche pourrait "
             "s\u2019exécuter avec le forfait Business."),
    ],
)  # fmt: skip
def test_a_refusal_for_want_of_tokens_says_what_is_missing_and_what_would_help(language: Words, said: str) -> None:
    """T1."""
    refused = InsufficientTokens(6_000, 4_000, PlanTier.BUSINESS, NINE, True)
    assert sentence(refused, language) == said


def test_a_refusal_promises_neither_a_refill_nor_a_plan_where_there_is_none() -> None:
    refused = InsufficientTokens(1, 0, None, None, True)
    assert sentence(refused, EN) == "This task reserves 1 token. 1 token is missing."
    assert sentence(refused, FR) == "Cette tâche réserve 1 jeton. Il manque 1 jeton."


def test_a_gated_feature_and_a_limit_name_the_plan_that_would_do() -> None:
    """T1: names of plans and features are not translated."""
    gated, limited = FeatureNotInPlan(Feature.MULTI_CODE, PlanTier.PRO, True), BulkLimitExceeded(1, PlanTier.PRO, True)
    assert sentence(gated, EN) == "Multi-Code is not part of your plan. It would run on the Pro plan."
    assert sentence(limited, EN) == "Your plan allows 1 document in a bulk task. It would run on the Pro plan."
    assert sentence(limited, FR).startswith("Votre forfait permet 1 document par tâche en lot.")


def test_the_features_that_gate_have_names() -> None:
    """P3."""
    assert set(FEATURES) == {Feature.MULTI_CODE}


@pytest.mark.parametrize("tier", PlanTier)
def test_every_plan_is_described_in_each_language(tier: PlanTier) -> None:
    assert description(tier, EN) != description(tier, FR)
    assert min(len(description(tier, EN)), len(description(tier, FR))) > 20


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        (0, "0 tokens are missing.", "Il manque 0 jeton."),
        (1, "1 token is missing.", "Il manque 1 jeton."),
        (2, "2 tokens are missing.", "Il manque 2 jetons."),
        (1_000, "1,000 tokens are missing.", "Il manque 1\u00a0000 jetons."),
    ],
)
def test_nothing_and_one_are_singular_in_french(number: int, english: str, french: str) -> None:
    forms = ("%(number)s token is missing.", "%(number)s tokens are missing.")
    assert (EN.count(*forms, number), FR.count(*forms, number)) == (english, french)


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        (999, "999", "999"),
        (1_234, "1,234", "1\u00a0234"),
        (1_234_567, "1,234,567", "1\u00a0234\u00a0567"),
        (-50_000, "\u221250,000", "\u221250\u00a0000"),
    ],
)
def test_numbers_are_grouped_as_canada_does(number: int, english: str, french: str) -> None:
    assert (EN.number(number), FR.number(number)) == (english, french)


@pytest.mark.parametrize(
    ("instant", "english", "french"),
    [
        (datetime(2026, 3, 8, 13, tzinfo=UTC), "March 8, 2026, 9:00\u202fa.m.", "8 mars 2026, 09 h 00"),
        (datetime(2026, 12, 1, 4, 59, tzinfo=UTC), "November 30, 2026, 11:59\u202fp.m.", "30 novembre 2026, 23 h 59"),
    ],
)
def test_instants_are_told_in_new_york_time(instant: datetime, english: str, french: str) -> None:
    assert (EN.instant(instant), FR.instant(instant)) == (english, french)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.EN),
        ("", Language.EN),
        ("fr", Language.FR),
        ("FR-ca", Language.FR),
        ("en-US,en;q=0.9,fr;q=0.8", Language.EN),
        ("fr-CA,fr;q=0.9,en;q=0.8", Language.FR),
        ("en;q=0.4, fr;q=0.5", Language.FR),
        ("fr;q=0.4,en", Language.EN),
        ("fr, en", Language.FR),
        ("en, fr", Language.EN),
        ("de, fr;q=0.1", Language.FR),
        ("de", Language.EN),
        ("*", Language.EN),
        (" fr ; Q=0.8 , en;q=0.7", Language.FR),
        ("fr;q=0", Language.EN),
        ("fr;q=-1", Language.EN),
        ("fr;q=nan", Language.EN),
        ("fr;q=", Language.EN),
        ("fr;q=high", Language.EN),
        ("fr;level=1", Language.EN),
        ("fro", Language.EN),
        (";q=1,,=,fr", Language.FR),
        ("de," * 400 + "fr", Language.EN),
    ],
)
def test_the_browser_says_which_language_it_prefers(header: str | None, language: Language) -> None:
    """A refused or garbled wish is none, and a header without end is not read to its end."""
    assert accepted_language(header) is language


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.text(max_size=40) | st.text(st.sampled_from("frenq=;,.-01* "), max_size=30))
def test_any_header_gives_a_language(header: str) -> None:
    assert accepted_language(header) in Language


def test_the_mail_to_support_carries_what_they_need_whatever_is_in_it() -> None:
    """C7."""
    details = {"portal": "https://portal.example.com/?a=1&b=2", "ORG_ID": "7", "organization": "Côté + Fils #1 %20"}
    for language, subject in (
        (EN, "Monthly invoicing for our organization"),
        (FR, "Facturation mensuelle pour notre organisation"),
    ):
        link = urlsplit(contract_request(InvoicingNotContracted(details), language))
        assert (link.scheme, link.path) == ("mailto", "support@claira.to")
        assert "+" not in link.query
        assert parse_qs(link.query) == {
            "subject": [subject],
            "body": ["\r\n".join(f"{name}={value}" for name, value in details.items())],
        }
