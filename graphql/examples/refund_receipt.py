"""The receipt of a task that has ended: what was reserved, what was charged, and why the rest came back (T3)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import NamedTuple

from examples.claira_api import Task

MOST_NUMBERS = 50


class Rates(NamedTuple):
    """Tokens a document of the task reserves, and what a success costs by resolved mode (P2)."""

    reserve: int
    charge: Mapping[str, int]


class Reason(NamedTuple):
    """Why tokens came back, for how many documents."""

    name: str
    documents: int
    tokens: int


class RefundEntry(NamedTuple):
    """A REFUND entry of the case's ledger that belongs to the task."""

    sequence: int
    tokens: int


@dataclass(frozen=True)
class Receipt:
    """The service's numbers in `task`; `reasons` are worked out here from documents and rates and should agree."""

    case_name: str
    task: Task
    reasons: Sequence[Reason]
    entries: Sequence[RefundEntry]

    @property
    def unexplained(self) -> int:
        """Refunded tokens without a reason; 0 when all is well, below 0 when fewer came back than the reasons say."""
        return self.task["refundedTokens"] - sum(reason.tokens for reason in self.reasons)

    @property
    def unrecorded(self) -> int:
        """Refunded tokens without a ledger entry; 0 when all is well."""
        return self.task["refundedTokens"] - sum(entry.tokens for entry in self.entries)

    def __str__(self) -> str:
        task = self.task
        rows: list[tuple[str, int | None, int]] = [
            ("Reserved", task["documentCount"], task["reservedTokens"]),
            ("Charged", task["succeeded"], task["chargedTokens"]),
        ]
        if task["overageTokens"]:
            rows.append(("  of it overage", None, task["overageTokens"]))
        rows.append(("Refunded", None, task["refundedTokens"]))
        rows += [(f"  {reason.name}", reason.documents, reason.tokens) for reason in self.reasons if reason.documents]
        if task["heldTokens"]:
            rows.append(("Still held", None, task["heldTokens"]))
        return "\n".join([*self._heading(), *_columns(rows), "", *self._ledger(), *self._doubts()])

    def _heading(self) -> list[str]:
        return [
            "Refund receipt",
            f"  Case    {self.case_name}",
            f"  Task    {self.task['name'] or '(no name)'}, {self.task['status'].lower()}",
            f"          {self.task['id']}",
            "",
        ]

    def _ledger(self) -> list[str]:
        numbers = sorted(entry.sequence for entry in self.entries)
        if len(numbers) > MOST_NUMBERS:
            shown = f"{len(numbers):,} entries from {numbers[0]} to {numbers[-1]}"
        else:
            shown = ranges(numbers) or "none"
        text = f"Refund entries in the case's ledger: {shown}"
        return wrap(text, width=76, initial_indent="  ", subsequent_indent="    ")

    def _doubts(self) -> list[str]:
        doubts = []
        if self.unexplained:
            explained = self.task["refundedTokens"] - self.unexplained
            doubts.append(
                f"  These reasons explain {explained:,} tokens, but {self.task['refundedTokens']:,} were refunded."
                " Were files changed between two runs of the same scan?"
            )
        if self.unrecorded:
            recorded = self.task["refundedTokens"] - self.unrecorded
            doubts.append(
                f"  Those entries refund {recorded:,} tokens, but the task says {self.task['refundedTokens']:,}."
            )
        return doubts


def reasons_for(task: Task, rates: Rates, modes: Counter[str] | None) -> list[Reason]:
    """Why the tokens of an ended task came back: a document's full reserve, or what its mode left over.

    `modes`: succeeded documents by resolved mode. None when this program did not report them all, as after a
    cancellation: then the service's own charge tells what the cheaper modes left over.
    """
    if modes is None:
        cheaper = Reason("cheaper mode", task["succeeded"], task["succeeded"] * rates.reserve - task["chargedTokens"])
    else:
        left = {mode: rates.reserve - rates.charge[mode] for mode in modes}
        cheaper = Reason(
            "cheaper mode",
            sum(count for mode, count in modes.items() if left[mode]),
            sum(count * left[mode] for mode, count in modes.items()),
        )
    ended = {"failed": task["failed"], "skipped": task["skipped"], "not run": task["pending"]}
    return [cheaper, *(Reason(name, count, count * rates.reserve) for name, count in ended.items())]


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as a person would list them: 4-9, 12."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _columns(rows: Sequence[tuple[str, int | None, int]]) -> list[str]:
    cells = [("", "Documents", "Tokens")]
    cells += [(name, "" if count is None else f"{count:,}", f"{tokens:,}") for name, count, tokens in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    return [
        f"  {name:<{widths[0]}}  {documents:>{widths[1]}}  {tokens:>{widths[2]}}" for name, documents, tokens in cells
    ]
