"""A page as tests read it: its elements in order, and everything that is read or spoken."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_SPOKEN = ("aria-label", "alt", "title", "placeholder", "data-said", "aria-description", "aria-roledescription")


@dataclass
class Element:
    """A tag with its attributes, what it stands in, and the text directly within it."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None"
    texts: list[str] = field(default_factory=list)

    def within(self, tag: str) -> "Element | None":
        """The nearest element of this name that it stands in."""
        found = self.parent
        while found is not None and found.tag != tag:
            found = found.parent
        return found


class Markup(HTMLParser):
    """Reads a page; every element that is opened must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        assert self._open == [], "every element is closed"

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def ids(self) -> list[str]:
        return [element.attributes["id"] for element in self.elements if "id" in element.attributes]

    def read(self) -> Iterator[tuple[str, str]]:
        """Where, and what: every text that somebody reads or hears."""
        for element in self.elements:
            if element.tag not in {"script", "style"}:
                for text in element.texts:
                    if text.strip():
                        yield f"<{element.tag} class={element.attributes.get('class')!r}>", text.strip()
            for name in _SPOKEN:
                if element.attributes.get(name):
                    yield f"<{element.tag} {name}>", element.attributes[name]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: <{tag} {attrs}>"
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open[-1] if self._open else None)
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].texts.append(data)
