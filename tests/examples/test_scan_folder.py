"""The example client over a real folder: one task whatever happens, and a receipt that adds up."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from examples.bulk_scan import WouldNotRun, scan
from examples.claira_api import Api, ApiFailure, Refusal
from examples.refund_receipt import Receipt, RefundEntry, ranges
from examples.scan_folder import main
from tests.examples.fake_service import CHECKOUT, KEY, FakeService

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1"
MP3 = b"\xff\xfb\x90\x64\0" + b"\0" * 64
MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"


@pytest.fixture
def service() -> Iterator[FakeService]:
    with FakeService() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """3 texts, 2 images, 1 sound, 1 film, 1 empty file, 2 archives."""
    exhibits = tmp_path / "exhibits"
    files = {
        "a.txt": b"a",
        "b.csv": b"b;c",
        "deep/c.md": b"# c",
        "d.png": PNG,
        "e.dat": b"%PDF-1.4\n",
        "f": MP3,
        "g": MP4,
    }
    for name, content in (files | {"h": b"", "i.gz": b"\x1f\x8b\x08\0\0\1", "j.gz": b"\x1f\x8b\x08\0\0\2"}).items():
        (exhibits / name).parent.mkdir(parents=True, exist_ok=True)
        (exhibits / name).write_bytes(content)
    return exhibits


def run(service: FakeService, folder: Path, **options: Any) -> Receipt:
    """A scan that waits for nothing between its attempts."""
    sleep: Callable[[float], None] = options.pop("sleep", lambda _: None)
    with Api(service.url, KEY, sleep=sleep, say=options.pop("warn", lambda _: None)) as api:
        return scan(folder, api, case=service.case_id, **({"batch": 3} | options))


def arguments(service: FakeService, folder: Path, *more: str) -> list[str]:
    return [str(folder), "--url", service.url, "--key", KEY, "--case", service.case_uuid, "--batch", "3", *more]


def command(service: FakeService, folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, arguments(service, folder, *more))


def started(service: FakeService, folder: Path) -> subprocess.Popen[str]:
    script = CHECKOUT / "graphql" / "examples" / "scan_folder.py"
    return subprocess.Popen(
        [sys.executable, str(script), *arguments(service, folder, "--batch", "2")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=heeding_ctrl_c,
    )


def heeding_ctrl_c() -> None:
    """Whoever runs the tests in the background of a script has them ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_for_reports(service: FakeService, number: int) -> None:
    until = time.monotonic() + 60
    while service.called.count("recordOutcomes") < number:
        assert time.monotonic() < until
        time.sleep(0.01)


def assert_the_mixed_folder_was_charged_once(service: FakeService, *, tasks: int = 1) -> None:
    # 3 texts x 1 + 2 images x 5 + 1 sound x 10 + 1 film x 20 = 43 of the 10 x 20 = 200 reserved
    assert [task.charged for task in service.tasks] == [43] * tasks
    assert [task.refunded for task in service.tasks] == [157] * tasks
    assert service.balance == 100_000 - 43 * tasks
    assert sum(entry["heldChange"] for entry in service.ledger) == 0


def test_a_scan_is_charged_by_content_and_its_receipt_adds_up(service: FakeService, folder: Path) -> None:
    progress: list[tuple[int, int]] = []
    receipt = run(service, folder, progress=lambda done, total: progress.append((done, total)))
    assert_the_mixed_folder_was_charged_once(service)
    # cheaper: 3 x 19 + 2 x 15 + 1 x 10 = 97; failed 1 x 20; skipped 2 x 20; the film was no cheaper
    assert [(reason.name, reason.documents, reason.tokens) for reason in receipt.reasons] == [
        ("cheaper mode", 6, 97),
        ("failed", 1, 20),
        ("skipped", 2, 40),
        ("not run", 0, 0),
    ]
    assert (receipt.unexplained, receipt.unrecorded) == (0, 0)
    refunds = [entry["sequence"] for entry in service.ledger if entry["kind"] == "REFUND"]
    assert sorted(entry.sequence for entry in receipt.entries) == refunds
    assert progress == [(3, 10), (6, 10), (9, 10), (10, 10)]
    assert receipt.task["name"] == "Scan of exhibits"


def test_the_printed_receipt_is_aligned_and_complete(service: FakeService, folder: Path) -> None:
    result = command(service, folder, "--name", "Exhibits")
    assert result.exit_code == 0
    assert f"Acme v. Road Runner: 10 documents in {folder}\nThe scan reserves 200 tokens.\n" in result.output
    assert "9 of 10 documents reported\n10 of 10 documents reported\n" in result.output
    assert result.output.endswith(
        """
Refund receipt
  Case    Acme v. Road Runner
  Task    Exhibits, completed
          task_1

                  Documents  Tokens
  Reserved               10     200
  Charged                 7      43
  Refunded                      157
    cheaper mode          6      97
    failed                1      20
    skipped               2      40

  Refund entries in the case's ledger: 3, 5, 7
"""
    )


def test_a_refused_quote_says_why_and_changes_nothing(service: FakeService, folder: Path) -> None:
    service.bulk_limit = 9
    result = command(service, folder)
    assert result.exit_code == 2
    assert result.stderr == (
        "The scan would not run; nothing was changed. A bulk task may have 9 documents. "
        "The lowest plan that would run it: Business.\n"
    )
    assert (service.tasks, service.ledger, service.remembered) == ([], [], {})
    assert "createTask" not in service.called


def test_a_refusal_at_creation_is_a_refusal_too(service: FakeService, folder: Path, tmp_path: Path) -> None:
    # A task of the same shape holds what this one would need, so that only the key can tell that they differ.
    twin = tmp_path / "twin" / "exhibits"
    twin.mkdir(parents=True)
    for number in range(10):
        (twin / str(number)).write_text("text")
    service.faults.extend(["", "", "", "drop"])
    with pytest.raises(ApiFailure), Api(service.url, KEY, attempts=1) as api:
        scan(twin, api, case=service.case_id)
    service.balance = 199
    with pytest.raises(WouldNotRun, match="200 tokens are needed and 199 are free"):
        run(service, folder)
    assert [task.documents for task in service.tasks] == [{}]


def test_one_effect_however_often_the_network_fails(service: FakeService, folder: Path) -> None:
    warnings: list[str] = []
    service.faults.extend(
        [503, "lose", 429, "", "drop", "lose", 503, 503, "lose", "lose", "drop", 504, "", "lose", 502]
    )
    service.faults.extend(["lose", ""] * 20)
    receipt = run(service, folder, warn=warnings.append)
    assert_the_mixed_folder_was_charged_once(service)
    assert receipt.unexplained == receipt.unrecorded == 0
    assert service.called.count("createTask") > 1
    assert service.called.count("recordOutcomes") > 4
    assert warnings[0] == f"{service.url}: HTTP 503. Trying again in 7 s (2 of 10)."


def test_the_pauses_grow_and_follow_what_the_service_asks(service: FakeService, folder: Path) -> None:
    waits: list[float] = []
    service.faults.extend(["drop", "drop", "drop", 429, 503, "drop", "drop", "drop", "drop"])
    run(service, folder, sleep=waits.append)
    assert waits == [0.5, 1, 2, 7, 8, 16, 30, 30, 30]


def test_a_silent_service_is_given_up_with_a_sentence(service: FakeService, folder: Path) -> None:
    waits: list[float] = []
    service.faults.extend(["drop"] * 10)
    with pytest.raises(ApiFailure, match=r"after 10 attempts\. Giving up; the same command goes on from here\."):
        run(service, folder, sleep=waits.append)
    assert len(waits) == 9


def test_a_scan_killed_in_the_middle_goes_on_with_its_task(service: FakeService, tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number:02}").write_bytes((b"text", PNG, b"")[number % 3])
    service.balance = 60 * 20  # not a token more than one task needs
    for reports in (4, 9):
        service.slowness = 0.05
        with started(service, tmp_path) as scanner:
            wait_for_reports(service, reports)
            scanner.kill()
        assert scanner.returncode == -signal.SIGKILL
    service.slowness = 0
    assert 0 < len(service.tasks[0].documents) < 60
    assert service.tasks[0].status == "RUNNING"

    with started(service, tmp_path) as scanner:
        output, _ = scanner.communicate(timeout=60)
    assert scanner.returncode == 0, output
    # 20 texts x 1 + 20 images x 5 = 120
    assert [(task.status, task.charged, task.refunded) for task in service.tasks] == [("COMPLETED", 120, 1080)]
    assert service.balance == 1080
    assert re.search(r"Task task_1: \d+ of 60 documents reported so far\.", output)
    assert re.search(r"Refunded +1,080\n +cheaper mode +40 +680\n +failed +20 +400\n", output)


def test_ctrl_c_leaves_the_task_running_and_says_how_to_go_on(service: FakeService, tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number:02}").write_text("text")
    service.slowness = 0.05
    with started(service, tmp_path) as scanner:
        wait_for_reports(service, 3)
        scanner.send_signal(signal.SIGINT)
        output, _ = scanner.communicate(timeout=60)
    assert scanner.returncode == 130, output
    assert "Stopped. The task is still running: the same command goes on, with --cancel it ends it." in output
    assert service.tasks[0].status == "RUNNING"


def test_cancelling_gives_back_what_was_not_run(service: FakeService, folder: Path) -> None:
    service.faults.extend([""] * 4 + ["drop"])
    with pytest.raises(ApiFailure), Api(service.url, KEY, attempts=1) as api:
        scan(folder, api, case=service.case_id, batch=3)
    reported = service.tasks[0].shown()
    assert reported["pending"] == 7

    result = command(service, folder, "--cancel")
    assert result.exit_code == 0
    assert "Task task_1 is cancelled." in result.output
    assert re.search(r"not run +7 +140\n", result.output)
    assert [task.status for task in service.tasks] == ["CANCELLED"]
    assert service.balance == 100_000 - reported["chargedTokens"]
    assert "explain" not in result.output

    again = command(service, folder)
    assert again.exit_code == 1
    assert "This scan was cancelled before. --again makes another run." in again.output
    assert len(service.tasks) == 1


def test_cancelling_what_does_not_run_changes_nothing(service: FakeService, folder: Path) -> None:
    result = command(service, folder, "--cancel")
    assert result.exit_code == 1
    assert "There is no running scan of these files in the case; nothing was changed." in result.output
    assert (service.tasks, service.ledger) == ([], [])


def test_a_completed_scan_is_shown_again_and_repeated_only_on_request(service: FakeService, folder: Path) -> None:
    first = run(service, folder)
    reports = service.called.count("recordOutcomes")
    assert run(service, folder, batch=100) == first
    assert service.called.count("recordOutcomes") == reports
    assert_the_mixed_folder_was_charged_once(service)
    assert run(service, folder, again="2").task["id"] == "task_2"
    assert_the_mixed_folder_was_charged_once(service, tasks=2)


def test_another_name_for_the_same_run_is_no_second_run(service: FakeService, folder: Path) -> None:
    run(service, folder)
    with pytest.raises(ApiFailure, match="Give the --name of the first run, or --again for a new one"):
        run(service, folder, name="Another")
    assert len(service.tasks) == 1


def test_a_task_that_somebody_else_ended_is_reported_as_it_stands(service: FakeService, folder: Path) -> None:
    def end_it(done: int, _total: int) -> None:
        if done == 3:
            service.finish(service.tasks[0], "ABANDONED")

    said: list[str] = []
    receipt = run(service, folder, progress=end_it, say=said.append)
    assert (receipt.task["status"], receipt.task["pending"]) == ("ABANDONED", 7)
    assert receipt.unexplained == receipt.unrecorded == 0
    assert said[-1] == "The task has ended."


def test_a_receipt_that_does_not_add_up_says_so(service: FakeService, folder: Path) -> None:
    run(service, folder)
    (folder / "a.txt").write_bytes(b"\0")  # was a text of one byte when it was charged
    text = str(run(service, folder))
    assert "These reasons explain 138 tokens, but 157 were refunded." in text
    service.ledger = [entry for entry in service.ledger if entry["sequence"] != 3]
    assert re.search(r"Those entries refund \d+ tokens, but the task says 157\.", str(run(service, folder)))


def test_the_ledger_is_read_no_further_than_the_task_goes_back(service: FakeService, folder: Path) -> None:
    run(service, folder)
    service.page = 1
    service.called.clear()
    receipt = run(service, folder, again="2")
    assert [entry.sequence for entry in receipt.entries] == [14, 12, 10]
    assert service.called.count("case") == 1 + 3  # to find the case, and a page for each of the three refunds


def test_a_long_list_of_ledger_entries_stays_readable(service: FakeService, folder: Path) -> None:
    receipt = run(service, folder)
    some = replace(receipt, entries=[RefundEntry(number, 1) for number in range(101, 181, 2)])
    assert max(map(len, str(some).splitlines())) <= 76
    assert re.search(r"ledger: 101, 103,[\d,\s]+ 179\n", str(some))
    many = replace(receipt, entries=[RefundEntry(number, 1) for number in range(3, 20_003, 2)])
    assert "ledger: 10,000 entries from 3 to 20001\n" in str(many)


def test_a_document_that_vanishes_during_the_scan_has_failed(service: FakeService, folder: Path) -> None:
    receipt = run(service, folder, progress=lambda *_: (folder / "g").unlink(missing_ok=True))
    assert receipt.task["failed"] == 2
    assert receipt.unexplained == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--key", "wrong"], "answered HTTP 401 without GraphQL in it. Is the key right?"),
        (["--case", "case_2"], "There is no case case_2, or this key may not see it."),
        (["--case", "00000000-0000-4000-8000-000000000000"], "There is no case 00000000-0000-4000-8000-000000000000"),
        (["--include", "*.docx"], "There are no documents to scan in"),
        (["--url", "nowhere/graphql"], "nowhere/graphql cannot be called"),
    ],
)
def test_what_is_wrong_is_a_sentence(service: FakeService, folder: Path, options: list[str], sentence: str) -> None:
    result = command(service, folder, *options)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert service.tasks == []


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("No.", "No. The lowest plan that would run it: Pro."),
        ("No. It would run on the Pro plan.", "No. It would run on the Pro plan."),
    ],
)
def test_a_refusal_names_the_plan_once(message: str, sentence: str) -> None:
    assert str(Refusal({"code": "FEATURE_NOT_IN_PLAN", "message": message, "requiredTier": "PRO"})) == sentence
    assert str(Refusal({"code": "INSUFFICIENT_TOKENS", "message": message, "minimumTier": "PRO"})) == sentence


def test_numbers_are_listed_as_a_person_would() -> None:
    assert ranges([]) == ""
    assert ranges([7, 5, 12, 4, 6, 1, 13]) == "1, 4-7, 12-13"
