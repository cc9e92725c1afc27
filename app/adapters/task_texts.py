"""Tasks in words: names of their kinds, modes, ends and categories, small as within a sentence."""

from collections.abc import Mapping
from types import MappingProxyType

from app.adapters.languages import Words, mark
from app.domain.rates import ScanMode, TaskKind, TaskScope, UsageCategory
from app.domain.tasks import Task, TaskStatus

MODES: Mapping[ScanMode, str] = MappingProxyType(
    {
        ScanMode.AUTO: mark("auto"),
        ScanMode.TEXT: mark("text"),
        ScanMode.IMAGE: mark("image"),
        ScanMode.AUDIO: mark("audio"),
        ScanMode.VIDEO: mark("video"),
    }
)

MULTI_CODE = mark("Multi-Code")

CATEGORIES: Mapping[UsageCategory, str] = MappingProxyType(
    {
        UsageCategory.CHAT: mark("chat"),
        UsageCategory.TEXT_SCAN: MODES[ScanMode.TEXT],
        UsageCategory.IMAGE_SCAN: MODES[ScanMode.IMAGE],
        UsageCategory.AUDIO_SCAN: MODES[ScanMode.AUDIO],
        UsageCategory.VIDEO_SCAN: MODES[ScanMode.VIDEO],
        UsageCategory.MULTI_CODE: MULTI_CODE,
    }
)
"""What a charge is for, beside its documents."""

CATEGORY_HEADINGS: Mapping[UsageCategory, str] = MappingProxyType(
    {
        UsageCategory.CHAT: mark("Chat"),
        UsageCategory.TEXT_SCAN: mark("Text scan"),
        UsageCategory.IMAGE_SCAN: mark("Image scan"),
        UsageCategory.AUDIO_SCAN: mark("Audio scan"),
        UsageCategory.VIDEO_SCAN: mark("Video scan"),
        UsageCategory.MULTI_CODE: MULTI_CODE,
    }
)
"""The same where they stand alone, at the beginning of a line."""

STATUSES: Mapping[TaskStatus, str] = MappingProxyType(
    {
        TaskStatus.RUNNING: mark("running"),
        TaskStatus.COMPLETED: mark("completed"),
        TaskStatus.CANCELLED: mark("cancelled"),
        TaskStatus.ABANDONED: mark("abandoned"),
    }
)

KINDS: Mapping[tuple[TaskKind, TaskScope], str] = MappingProxyType(
    {
        (TaskKind.SCAN, TaskScope.BULK): mark("bulk scan"),
        (TaskKind.SCAN, TaskScope.SINGLE): mark("single scan"),
        (TaskKind.MULTI_CODE, TaskScope.BULK): MULTI_CODE,
        (TaskKind.MULTI_CODE, TaskScope.SINGLE): mark("single Multi-Code"),
    }
)
"""What a task does."""


def task_name(name: str | None, number: int, words: Words) -> str:
    """The name that its creator gave a task, which is never translated, else its number."""
    return words.say("Task %(number)s", number=number) if name is None else name


def documents(number: int, words: Words) -> str:
    return words.count("%(number)s document", "%(number)s documents", number)


def documents_of_a_price(number: int, price: int | None, words: Words) -> str:
    """Documents times the price of one; price None: they have no single one. A line may end before the sign."""
    counted = documents(number, words)
    return counted if price is None else f"{counted} \N{MULTIPLICATION SIGN}\u00a0{words.number(price)}"


def task_kind(task: Task, words: Words) -> str:
    """All that it was created with, as "Multi-Code, text, 4 fields, 520 documents" or "single scan, image"."""
    parts = [words.say(KINDS[task.kind, task.scope]), words.say(MODES[task.mode])]
    if task.kind is TaskKind.MULTI_CODE:
        parts.append(words.count("%(number)s field", "%(number)s fields", task.active_fields))
    if task.scope is TaskScope.BULK:
        parts.append(documents(task.documents, words))
    return words.listed(parts)


def task_status(task: Task, words: Words) -> str:
    return words.say(STATUSES[task.status])
