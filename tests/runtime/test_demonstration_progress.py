"""What is told about the load of the demonstration: nothing where there is nothing to load."""

import sys
from io import StringIO

import pytest

from app.runtime.demonstration.progress import progress


class Screen(StringIO):
    """A terminal, or what a pipe leads to."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def told(monkeypatch: pytest.MonkeyPatch, *parts: float, terminal: bool) -> str:
    """What is printed when so much is heard."""
    screen = Screen(terminal=terminal)
    monkeypatch.setattr(sys, "stdout", screen)
    with progress() as heard:
        for part in parts:
            heard(part)
    return screen.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_is_told_before_something_is_heard(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    assert told(monkeypatch, terminal=terminal) == ""


def test_a_terminal_shows_one_bar_that_ends_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = told(monkeypatch, 0.0, 0.4, 1.0, terminal=True)
    last = shown.split("\r")[-1]
    assert "Loading the demonstration, once  [####" in last
    assert "100%" in last
    assert shown.count("\n") == 1


def test_elsewhere_each_quarter_is_a_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = told(monkeypatch, 0.0, 0.1, 0.26, 0.3, 1.0, terminal=False)
    assert [line.rpartition(" ")[2] for line in shown.splitlines()] == ["0%", "25%", "100%"]
