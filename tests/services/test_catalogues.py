"""Whatever is said stands in the French catalogue, and nothing else does (E1)."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.runtime.cli import main
from app.runtime.cli.catalogues import differences

HEADER = (
    'msgid ""\nmsgstr ""\n"Language: fr_CA\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n\n'
)
CODE = """words.say("Hello %(name)s", name=name)
words.count("One case", "%(number)s cases", number)
TITLE = mark("Title")
"""
TEMPLATE = '<p title="{{ say("In a template") }}">{{ count("%(number)s page", "%(number)s pages", pages) }}</p>\n'
COMPLETE = {
    "Hello %(name)s": 'msgid "Hello %(name)s"\nmsgstr "Bonjour %(name)s"\n',
    "One case": (
        'msgid "One case"\nmsgid_plural "%(number)s cases"\n'
        'msgstr[0] "%(number)s dossier"\nmsgstr[1] "%(number)s dossiers"\n'
    ),
    "Title": 'msgid "Title"\nmsgstr "Titre"\n',
    "In a template": 'msgid "In a template"\nmsgstr "Dans un gabarit"\n',
    "%(number)s page": (
        'msgid "%(number)s page"\nmsgid_plural "%(number)s pages"\n'
        'msgstr[0] "%(number)s page"\nmsgstr[1] "%(number)s pages"\n'
    ),
}


def planted(folder: Path, entries: dict[str, str], *, code: str = CODE, template: str = TEMPLATE) -> list[str]:
    """The differences of a small project that says CODE and TEMPLATE."""
    for name, content in {
        "app/said.py": code,
        "templates/pages/said.html": template,
        "app/adapters/locales/fr_CA.po": HEADER + "\n".join(entries.values()),
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return differences(folder)


def test_the_catalogue_says_everything_and_nothing_else(project: Path) -> None:
    assert differences(project) == []


def test_a_complete_catalogue_has_no_difference(tmp_path: Path) -> None:
    assert planted(tmp_path, COMPLETE) == []


@pytest.mark.parametrize(
    ("left_out", "place"),
    [
        ("Hello %(name)s", "app/said.py:1"),
        ("One case", "app/said.py:2"),
        ("Title", "app/said.py:3"),
        ("In a template", "templates/pages/said.html:1"),
        ("%(number)s page", "templates/pages/said.html:1"),
    ],
)
def test_a_missing_message_is_named_with_its_place(tmp_path: Path, left_out: str, place: str) -> None:
    entries = {message: entry for message, entry in COMPLETE.items() if message != left_out}
    assert planted(tmp_path, entries) == [f'fr_CA: missing: "{left_out}" ({place})']


@pytest.mark.parametrize(
    ("message", "entry", "difference"),
    [
        ("Gone", 'msgid "Gone"\nmsgstr "Parti"\n', "not used"),
        ("Gone", '#~ msgid "Gone"\n#~ msgstr "Parti"\n', "not used"),
        ("Title", '#, fuzzy\nmsgid "Title"\nmsgstr "Titre"\n', "fuzzy"),
        ("Title", 'msgid "Title"\nmsgstr ""\n', "not translated"),
        ("Title", 'msgid "Title"\nmsgstr "Titre 100 %"\n', "cannot be filled in"),
        ("Title", 'msgid "Title"\nmsgstr "Titre %(name)s"\n', "other placeholders"),
        ("Hello %(name)s", 'msgid "Hello %(name)s"\nmsgstr "Bonjour"\n', "other placeholders"),
        ("Hello %(name)s", 'msgid "Hello %(name)s"\nmsgstr "Bonjour %(nom)s"\n', "other placeholders"),
        ("Hello %(name)s", 'msgid "Hello %(name)s"\nmsgstr "Bonjour %(name)d"\n', "cannot be filled in"),
        ("Hello %(name)s", 'msgid "Hello %(name)s"\nmsgstr "Bonjour %(name)s %s"\n', "cannot be filled in"),
        (
            "One case",
            'msgid "One case"\nmsgid_plural "%(number)s cases"\nmsgstr[0] "Un"\nmsgstr[1] "%(number)s dossiers"\n',
            "other placeholders",
        ),
        (
            "One case",
            'msgid "One case"\nmsgid_plural "%(number)s cases"\nmsgstr[0] "%(number)s dossier"\nmsgstr[1] ""\n',
            "not translated",
        ),
        (
            "One case",
            'msgid "One case"\nmsgid_plural "%(number)s cases"\nmsgstr[0] "%(number)s dossier"\n',
            "not translated",
        ),
    ],
)
def test_a_wrong_entry_is_named_with_its_fault(tmp_path: Path, message: str, entry: str, difference: str) -> None:
    assert planted(tmp_path, COMPLETE | {message: entry}) == [f'fr_CA: {difference}: "{message}"']


def test_a_plural_that_changed_is_another_message(tmp_path: Path) -> None:
    changed = CODE.replace("%(number)s cases", "%(number)s matters")
    assert planted(tmp_path, COMPLETE, code=changed) == [
        'fr_CA: missing: "One case" (app/said.py:2)',
        'fr_CA: not used: "One case"',
    ]


def test_the_command_names_a_planted_message_and_fails(project: Path, tmp_path: Path) -> None:
    """On a copy of the project: what `make check` runs."""
    for folder in ("app", "templates"):
        shutil.copytree(project / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    check = ["check-catalogues", "--project", str(tmp_path)]
    clean = CliRunner().invoke(main, check)
    assert (clean.exit_code, clean.output) == (0, "")
    (tmp_path / "templates" / "planted.html").write_text('<p>{{ say("Never translated") }}</p>', encoding="utf-8")
    failed = CliRunner().invoke(main, check)
    assert (failed.exit_code, failed.output) == (1, 'fr_CA: missing: "Never translated" (templates/planted.html:1)\n')
