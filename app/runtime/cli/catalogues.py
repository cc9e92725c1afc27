"""claira-usage check-catalogues: whatever is said in English stands in the catalogue of every other language (E1)."""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from app.adapters.languages import LOCALES
from app.domain.languages import Language

PROJECT = Path(__file__).resolve().parents[3]
_FOLDERS = ("app", "templates")
_CATALOGUES = LOCALES.relative_to(PROJECT)
_KEYWORDS = {"mark": None, "say": None, "count": (1, 2)}
"""The functions whose literals are messages; of `count` the first two arguments, the singular and the plural."""

_ENTRY = re.compile(r"^(?:#~ )?msgid ", re.MULTILINE)
_PLACEHOLDER = re.compile(r"%\((\w+)\)")

MessageId = str | tuple[str, ...]


def differences(project: Path) -> list[str]:
    """A line for each message that is missing, not used, fuzzy, not translated, or filled in with other values."""
    said = _said(project)
    return [
        f"{language.value}: {difference}"
        for language in Language
        if language is not Language.EN
        for difference in _differences(said, project / _CATALOGUES / f"{language.value}.po")
    ]


def _differences(said: Mapping[MessageId, str], catalogue: Path) -> Iterator[str]:
    with catalogue.open("rb") as file:
        read = read_po(file, abort_invalid=True)
    known = {_id(message.id): message for message in read if message.id}
    entries = len(_ENTRY.findall(catalogue.read_text(encoding="utf-8")))
    if entries != len(known) + len(read.obsolete) + 1:  # one is the header; the reader merges what stands twice
        yield "some message stands twice"
    yield from (f"missing: {_shown(message)} ({place})" for message, place in said.items() if message not in known)
    yield from (f"not used: {_shown(message)}" for message in known if message not in said)
    yield from (f"not used: {_shown(_id(message.id))}" for message in read.obsolete.values())
    for message in known.values():
        yield from (f"{fault}: {_shown(_id(message.id))}" for fault in _faults(message))


def _said(project: Path) -> dict[MessageId, str]:
    """Every message in the code and the templates, with the first place where it stands."""
    with (LOCALES / "babel.ini").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel has no types here
    said: dict[MessageId, str] = {}
    for folder in _FOLDERS:
        for name, line, message, _, _ in extract_from_dir(project / folder, methods, options, keywords=_KEYWORDS):
            said.setdefault(_id(message), f"{folder}/{name}:{line}")
    return said


def _faults(message: Message) -> Iterator[str]:
    """What is wrong with a translation by itself."""
    sources, translations = _texts(message.id), _texts(message.string)
    if message.fuzzy:
        yield "fuzzy"
    if not all(translations):
        yield "not translated"
        return
    # Where one form stands for 0 and 1, every form needs the number that the English plural shows.
    names = _placeholders(sources[-1])
    if any(_placeholders(text) != names for text in translations):
        yield "other placeholders"
    elif not all(_can_be_filled(text, names) for text in sources + translations):
        yield "cannot be filled in"


def _can_be_filled(text: str, names: set[str]) -> bool:
    """A lone % is a mistake in a message without values, too: every message is filled in."""
    try:
        text % dict.fromkeys(names, "")
    except (KeyError, TypeError, ValueError):
        return False
    return True


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def _texts(message: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (message or "",) if isinstance(message, str | None) else tuple(message)


def _id(message: str | list[str] | tuple[str, ...]) -> MessageId:
    return message if isinstance(message, str) else tuple(message)


def _shown(message: MessageId) -> str:
    return f'"{message if isinstance(message, str) else message[0]}"'


@click.command("check-catalogues")
@click.option("--project", type=click.Path(exists=True, path_type=Path), default=PROJECT, help="Another checkout.")
def check_catalogues(project: Path) -> None:
    """Compare what the code and the templates say with each catalogue; exit 1 and name each difference."""
    found = differences(project)
    for difference in found:
        click.echo(difference)
    sys.exit(1 if found else 0)
