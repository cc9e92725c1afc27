"""What the documents say is there; what must not be in the tree is not."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import click
import pytest

from app.runtime.cli import main
from app.runtime.settings import Settings
from app.storage.database import MOST_CONNECTIONS
from gqlapi import cost, errors, limits, refusals, shape

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text("utf-8")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md", "app/domain/README.md", "docs/billing.md")
MEDIA_TYPES = {"application/json"}
MADE_BY_MAKE = (".venv", ".data")

RULE = re.compile(r"\b[PLTKCAE][1-9][0-9]?\b(?!:[0-9])")  # T12:00 is a time
REGISTRY = re.compile(r"https?://[^\s\"'`]*(pypi|pythonhosted|npmjs|/simple/)|--(extra-)?index-url\b|--find-(links)\b")
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.~-])/(root|home|Users|work)/\w")


@cache
def tree() -> list[Path]:
    """Every file of the checkout but those of tools, which lie in hidden folders."""
    found: list[Path] = []
    for folder, folders, files in os.walk(PROJECT):
        folders[:] = [name for name in folders if name == ".ci" or not name.startswith((".", "__"))]
        found += [Path(folder, name) for name in files]
    return found


def texts(*suffixes: str) -> Iterator[tuple[Path, str]]:
    for path in tree():
        if not suffixes or path.suffix in suffixes:
            yield path.relative_to(PROJECT), path.read_text("utf-8", errors="replace")


def quoted(text: str) -> set[str]:
    """Whatever stands between backticks, outside of blocks of code."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", prose))


def codes(*modules: ModuleType) -> set[str]:
    """Error codes: constants that hold their kind of text."""
    values = [value for module in modules for name, value in vars(module).items() if name.isupper()]
    return {value for value in values if isinstance(value, str) and re.fullmatch(r"[A-Z]+(_[A-Z]+)+", value)}


def commands(group: click.Group) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from (f"{name} {inner}" for inner in commands(command))
        else:
            yield name


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):(?!=)", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_the_readme_names_every_environment_variable() -> None:
    assert {name.upper() for name in Settings.model_fields} <= quoted(README)


def test_the_readme_says_how_many_connections_a_process_opens() -> None:
    assert re.search(rf"most {MOST_CONNECTIONS} connections", README)


def test_the_readme_names_every_command() -> None:
    assert set(commands(main)) <= quoted(README)


def test_the_readme_names_every_error_code() -> None:
    unions = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).upper() for kind in refusals.Error.__subclasses__()}
    assert len(unions) > 8
    assert codes(errors, limits, shape, cost) | unions <= quoted(README)


@pytest.mark.parametrize(
    "limit",
    [
        limits.MAX_CHARACTERS,
        limits.MAX_TOKENS,
        shape.MAX_DEPTH,
        shape.MAX_ALIASES,
        shape.MAX_DIRECTIVES,
        shape.MAX_CHANGES,
        cost.MAX_COST,
    ],
)
def test_the_readme_gives_every_limit(limit: int) -> None:
    assert re.search(rf"^\| `(QUERY|TOO_MANY)_.*\b(over|or) {limit:,}[: ]", README, re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_name_targets_that_there_are(document: str) -> None:
    text = (PROJECT / document).read_text("utf-8")
    named = {words.split()[1] for words in quoted(text) if words.startswith("make ")}
    named |= set(re.findall(r"^    (?:[A-Z]+=\S+ )*make (\w+)", text, re.MULTILINE))
    assert named <= targets()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_name_files_that_there_are(document: str) -> None:
    text = (PROJECT / document).read_text("utf-8")
    base = (PROJECT / document).parent
    named = {word for word in quoted(text) if re.fullmatch(r"[\w.-]+(/[\w.-]*)+|[\w-]+\.(py|md|toml|lock|yaml)", word)}
    named = {word for word in named - MEDIA_TYPES if not word.startswith(MADE_BY_MAKE)}
    named |= {link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link}
    missing = {word for word in named if not (PROJECT / word).exists() and not (base / word).exists()}
    assert missing <= {"graphql/__init__.py"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_name_commands_that_there_are(document: str) -> None:
    text = (PROJECT / document).read_text("utf-8")
    known = {words for name in commands(main) for words in (name, name.partition(" ")[0])}
    named = re.findall(r"claira-usage ([a-z][a-z-]*(?: (?:contract|create|list|revoke|tax)\b)?)", text)
    assert set(named) - known == set()


def test_every_rule_that_is_named_is_written_down() -> None:
    rules = set(re.findall(r"^- ([A-Z][0-9]+) ", (PROJECT / "app/domain/README.md").read_text("utf-8"), re.MULTILINE))
    named = {
        (rule, path.as_posix())
        for path, text in texts(".py", ".sql", ".html", ".md", ".graphql")
        for rule in RULE.findall(text)
    }
    assert len({rule for rule, _ in named}) > 20
    assert [where for where in sorted(named) if where[0] not in rules] == []


def test_no_file_holds_a_registry_or_somebodys_folder() -> None:
    found = [
        f"{path}: {hit[0]}"
        for path, text in texts()
        for pattern in (REGISTRY, SOMEBODYS_FOLDER)
        for hit in pattern.finditer(text)
    ]
    assert found == []


def test_nothing_hides_the_graphql_library() -> None:
    assert not (PROJECT / "graphql" / "__init__.py").exists()
    assert not (PROJECT / "tests" / "graphql").exists()


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    headings = re.findall(r"^## (\S+)", (PROJECT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == version
    assert f"claira-usage:{version}\n" in (PROJECT / "docker" / "compose.yaml").read_text("utf-8")


def test_the_image_starts_a_command_that_there_is() -> None:
    text = (PROJECT / "docker" / "Dockerfile").read_text("utf-8")
    entry, command = (
        json.loads(re.findall(rf"^{word} (\[.*\])", text, re.MULTILINE)[0]) for word in ("ENTRYPOINT", "CMD")
    )
    assert entry[0] == "python"
    words = [sys.executable, *entry[1:], *command, "--help"]
    shown = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert shown.startswith("Usage: claira-usage serve")


def test_the_image_gets_folders_that_there_are() -> None:
    lines = (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    wanted = [line[1:] for line in lines if line.startswith("!")]
    assert "app" in wanted
    assert [name for name in wanted if not (PROJECT / name).exists()] == []
