"""No words stand in a template but names and what `say` and `count` say (E1)."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

NAMES = {"Claira Usage", "Claira", "Nuix Discover", "English", "Français"}
"""Names stand untranslated in every language; a language is called by its own."""

SPOKEN_ATTRIBUTES = {"alt", "aria-description", "aria-label", "aria-roledescription", "label", "placeholder", "title"}
WORD = re.compile(r"[^\W\d_]")


def shown(node: nodes.Node) -> str:
    """What of an expression is written in the template itself; what is said or looked up is not."""
    match node:
        case nodes.TemplateData():
            return node.data
        case nodes.Const():
            return str(node.value)
        case nodes.CondExpr():
            return " ".join(shown(part) for part in (node.expr1, node.expr2) if part is not None)
        case nodes.Concat():
            return "".join(shown(part) for part in node.nodes)
        case nodes.Or() | nodes.And() | nodes.Add():
            return f"{shown(node.left)} {shown(node.right)}"
        case nodes.Filter():
            parts = [node.node, *node.args] if node.name in {"d", "default"} else [node.node]
            return " ".join(shown(part) for part in parts if part is not None)
        case _:
            return ""


class Reader(HTMLParser):
    """Collects whatever a person would read or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in {"script", "style"}
        button = tag == "input" and ("type", "submit") in attrs
        described = tag == "meta" and ("name", "description") in attrs
        for name, value in attrs:
            if name in SPOKEN_ATTRIBUTES or (name == "value" and button) or (name == "content" and described):
                self.texts.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.texts.append(data)


def literals(source: str) -> Iterator[str]:
    """The texts of a template that are the same in every language."""
    reader = Reader()
    for output in Environment(autoescape=True).parse(source).find_all(nodes.Output):
        reader.feed("".join(shown(part) for part in output.nodes))
    reader.close()
    for text in reader.texts:
        tidy = " ".join(text.split()).strip("| ")
        if WORD.search(tidy) and tidy not in NAMES:
            yield tidy


def test_templates_say_all_their_words(project: Path) -> None:
    templates = sorted(file for file in (project / "templates").rglob("*") if file.is_file())
    found = {file.relative_to(project): list(literals(file.read_text(encoding="utf-8"))) for file in templates}
    assert found
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_every_template_is_read_for_the_catalogue(project: Path) -> None:
    """The mapping knows .html files only: another kind would be said in English to everyone, unnoticed."""
    assert {file.suffix for file in (project / "templates").rglob("*") if file.is_file()} == {".html"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{{ say('Hello') }} world</p>", ["world"]),
        ('<img alt="A chart">', ["A chart"]),
        ('<button aria-label="Close">x</button>', ["Close", "x"]),
        ('<input type="submit" value="Send">', ["Send"]),
        ('<meta name="description" content="A meter">', ["A meter"]),
        ("{% if late %}<p>Late</p>{% else %}<p>On time</p>{% endif %}", ["Late", "On time"]),
        ("{% block title %}Ledger{% endblock %}", ["Ledger"]),
        ("<p>{{ 'Yes' if done else 'No' }}</p>", ["Yes No"]),
        ("<p>{{ name or 'nobody' }}</p>", ["nobody"]),
        ("<p>{{ name | default('nobody') }}</p>", ["nobody"]),
        ("<p>{{ 'Case ' ~ name }}</p>", ["Case"]),
        ("<p>{{ 'shout' | upper }}</p>", ["shout"]),
    ],
)
def test_a_literal_is_found(source: str, found: list[str]) -> None:
    assert list(literals(source)) == found


@pytest.mark.parametrize(
    "source",
    [
        "<h1>Claira Usage</h1>",
        '<p title="{{ say("Hello") }}">{{ count("%(number)s case", "%(number)s cases", cases) }} / 100</p>',
        "<p class=\"{{ 'over' if late }}\" {{ 'hidden' if gone }}>{{ case.name }}</p>",
        '<input type="hidden" name="csrf" value="token">',
        "<style>p { color: red }</style><script>start()</script>",
        "{# a note #}<!-- a comment --><hr>",
        "{{ words | join(', ') }}{% include 'part.html' %}",
    ],
)
def test_markup_names_and_what_is_said_are_no_literals(source: str) -> None:
    assert list(literals(source)) == []
