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

CATEGORIES: Mapping[UsageCategory, str] = MappingProxyType(
    {
        UsageCategory.CHAT: mark("chat"),
        UsageCategory.TEXT_SCAN: mark("text"),
        UsageCategory.IMAGE_SCAN: mark("image"),
        UsageCategory.AUDIO_SCAN: mark("audio"),
        UsageCategory.VIDEO_SCAN: mark("video"),
        UsageCategory.MULTI_CODE: mark("Multi-Code"),
    }
)
"""What a charge is for, beside its documents."""

STATUSES: Mapping[TaskStatus, str] = MappingProxyType(
    {
        TaskStatus.RUNNING: mark("running"),
        TaskStatus.COMPLETED: mark("completed"),
        TaskStatus.CANCELLED: mark("cancelled"),
        TaskStatus.ABANDONED: mark("abandoned"),
    }
)

MULTI_CODE = mark("Multi-Code")

KINDS: Mapping[tuple[TaskKind, TaskScope], str] = MappingProxyType(
    {
        (TaskKind.SCAN, TaskScope.BULK): mark("bulk scan"),
        (TaskKind.SCAN, TaskScope.SINGLE): mark("single-document scan"),
        (TaskKind.MULTI_CODE, TaskScope.BULK): mark("bulk Multi-Code"),
        (TaskKind.MULTI_CODE, TaskScope.SINGLE): mark("single-document Multi-Code"),
    }
)
"""What a task does, in full."""


def task_name(name: str | None, number: int, words: Words) -> str:
    """The name that its creator gave a task, which is never translated, else its number."""
    return words.say("Task %(number)s", number=number) if name is None else name


def documents(number: int, words: Words) -> str:
    """In one piece, as all figures are."""
    return words.count("%(number)s document", "%(number)s documents", number).replace(" ", "\u00a0")


def documents_of_a_price(number: int, price: int | None, words: Words) -> str:
    """Documents times the price of one; price None: they have no single one."""
    counted = documents(number, words)
    return counted if price is None else f"{counted}\u00a0\N{MULTIPLICATION SIGN}\u00a0{words.number(price)}"


def task_kind(task: Task, words: Words) -> str:
    """What it does over what, as short as "Multi-Code, text, 4 fields, 520 documents" or "auto, 120 documents"."""
    named = [words.say(MULTI_CODE)] if task.kind is TaskKind.MULTI_CODE else []
    parts = [*named, *_how(task, words)]
    if task.scope is TaskScope.SINGLE:
        parts.append(words.say("single document"))
    else:
        parts.append(documents(task.documents, words))
    return words.listed(parts)


def task_description(task: Task, words: Words) -> str:
    """All that it was created with, as "bulk Multi-Code, text, 4 fields, 520 documents"."""
    parts = [words.say(KINDS[task.kind, task.scope]), *_how(task, words), documents(task.documents, words)]
    return words.listed(parts)


def _how(task: Task, words: Words) -> list[str]:
    mode = words.say(MODES[task.mode])
    if task.kind is TaskKind.SCAN:
        return [mode]
    return [mode, words.count("%(number)s field", "%(number)s fields", task.active_fields)]


def task_status(task: Task, words: Words) -> str:
    return words.say(STATUSES[task.status])
