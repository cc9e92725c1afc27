"""How a report is read (T3, T4, T6)."""

from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.outcomes import DocumentStatus, OutcomeGroup, Report, read_report
from app.domain.rates import RESOLVED_MODES, ScanMode
from app.domain.refusals import Flaw, InvalidInput

SUCCEEDED, FAILED, SKIPPED = DocumentStatus.SUCCEEDED, DocumentStatus.FAILED, DocumentStatus.SKIPPED


def succeeded(*documents: str, mode: ScanMode | None = None) -> OutcomeGroup:
    return OutcomeGroup(SUCCEEDED, mode, documents)


def failed(*documents: str) -> OutcomeGroup:
    return OutcomeGroup(FAILED, None, documents)


def numbered(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def test_every_outcome_has_a_letter_of_its_own() -> None:
    groups = [
        failed("1"),
        OutcomeGroup(SKIPPED, None, ["2"]),
        succeeded("3"),
        succeeded("4", mode=ScanMode.TEXT),
        succeeded("5", mode=ScanMode.IMAGE),
        succeeded("6", mode=ScanMode.AUDIO),
        succeeded("7", mode=ScanMode.VIDEO),
    ]
    assert read_report(groups) == Report(list("1234567"), "fsdtiav")


def test_a_report_without_documents_is_a_sign_of_life() -> None:
    """T6."""
    for groups in ([], [succeeded()], [failed(), succeeded(mode=ScanMode.TEXT)]):
        assert read_report(groups) == Report([], "")


@pytest.mark.parametrize(
    ("groups", "names", "leaves_out"),
    [
        ([], False, False),
        ([failed("a")], False, False),
        ([succeeded("a")], False, True),
        ([succeeded("a", mode=ScanMode.VIDEO)], True, False),
        ([succeeded("a"), succeeded("b", mode=ScanMode.TEXT), failed("c")], True, True),
    ],
)
def test_a_report_knows_whether_its_successes_carry_modes(
    groups: list[OutcomeGroup], names: bool, leaves_out: bool
) -> None:
    """T4: what fits an AUTO task, and what fits every other."""
    report = read_report(groups)
    assert isinstance(report, Report)
    assert (report.names_modes, report.leaves_modes_out) == (names, leaves_out)


@pytest.mark.parametrize("status", [FAILED, SKIPPED])
@pytest.mark.parametrize("mode", RESOLVED_MODES)
def test_only_successes_carry_a_mode(status: DocumentStatus, mode: ScanMode) -> None:
    """T4: even a group without documents is judged."""
    refused = InvalidInput("resolvedMode", Flaw.RESOLVED_MODE_UNEXPECTED)
    assert read_report([OutcomeGroup(status, mode, ["a"])]) == refused
    assert read_report([succeeded("b"), OutcomeGroup(status, mode, [])]) == refused


@pytest.mark.parametrize("status", DocumentStatus)
def test_no_document_is_resolved_to_auto(status: DocumentStatus) -> None:
    """T4."""
    refused = read_report([OutcomeGroup(status, ScanMode.AUTO, ["a"])])
    assert refused == InvalidInput("resolvedMode", Flaw.RESOLVED_MODE_AUTO)


@pytest.mark.parametrize(
    "groups",
    [
        [succeeded("a"), failed("a")],
        [failed("a"), OutcomeGroup(SKIPPED, None, ["a"])],
        [succeeded("a", mode=ScanMode.TEXT), succeeded("b", "a", mode=ScanMode.IMAGE)],
        [succeeded("a", mode=ScanMode.TEXT), succeeded("a")],
    ],
)
def test_a_document_with_two_results_in_one_call_is_refused(groups: list[OutcomeGroup]) -> None:
    """T4: another status, or another mode."""
    assert read_report(groups) == InvalidInput("documentIds", Flaw.DOCUMENT_TWICE)


def test_a_document_named_twice_with_one_result_is_one_document() -> None:
    """T4: in the order in which they came first."""
    report = read_report([succeeded("b", "a", "b"), failed("c"), succeeded("a")])
    assert report == Report(["b", "a", "c"], "ddf")


def test_a_call_reports_up_to_ten_thousand_documents() -> None:
    """T4: over all groups, repeats included."""
    refused = InvalidInput("documentIds", Flaw.TOO_MANY_DOCUMENTS_IN_A_CALL, {"most": 10_000})
    most = read_report([succeeded(*numbered(9_999)), failed("last")])
    assert isinstance(most, Report)
    assert len(most.documents) == len(most.letters) == 10_000
    assert read_report([succeeded(*numbered(10_001))]) == refused
    assert read_report([succeeded(*numbered(9_999)), succeeded("0", "1")]) == refused


@pytest.mark.parametrize("document", ["", "x" * 65, "é" * 65])
def test_ids_of_documents_have_1_to_64_characters(document: str) -> None:
    refused = InvalidInput("documentIds", Flaw.DOCUMENT_ID_LENGTH, {"longest": 64})
    assert read_report([succeeded("fine"), failed(document)]) == refused


@pytest.mark.parametrize("document", ["x", "x" * 64, "é" * 64, "👩‍⚖️", " ", "DOC.0001"])
def test_any_text_of_fitting_length_is_the_id_of_a_document(document: str) -> None:
    assert read_report([succeeded(document)]) == Report([document], "d")


@pytest.mark.parametrize("document", ["\x00", "a\x00b", "\ud800", "x\udfff"])
def test_ids_that_cannot_be_stored_are_refused(document: str) -> None:
    assert read_report([succeeded("fine", document)]) == InvalidInput("documentIds", Flaw.TEXT_CHARACTERS)


outcomes = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    st.sampled_from([(SUCCEEDED, None), (SUCCEEDED, ScanMode.TEXT), (FAILED, None), (SKIPPED, None)]),
    max_size=12,
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(outcomes, st.randoms(use_true_random=False))
def test_grouping_and_order_change_nothing_about_what_is_reported(
    wanted: dict[str, tuple[DocumentStatus, ScanMode | None]], shuffled: Random
) -> None:
    """T4: one group for each document in any order says the same as the documents grouped by result."""
    alone = [OutcomeGroup(status, mode, [document]) for document, (status, mode) in wanted.items()]
    shuffled.shuffle(alone)
    grouped = [
        OutcomeGroup(*result, [document for document, own in wanted.items() if own == result])
        for result in set(wanted.values())
    ]
    one, other = read_report(alone), read_report(grouped)
    assert isinstance(one, Report)
    assert isinstance(other, Report)
    assert dict(zip(one.documents, one.letters, strict=True)) == dict(zip(other.documents, other.letters, strict=True))
    assert set(one.documents) == set(wanted)
