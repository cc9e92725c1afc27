"""How far the load of the demonstration is: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

import click

_LABEL = "Loading the demonstration, once"
_LINES = 4
"""Lines after the first one, where there is no terminal."""

_STEPS = 1_000
_WIDTH = 24
"""Of the bar, so that its line fits on 80 columns."""


@contextmanager
def progress() -> Iterator[Callable[[float], None]]:
    """Gives a function that hears how much is done, from 0 to 1; until it hears something nothing is shown."""
    with ExitStack() as end:
        yield _bar(end) if sys.stdout.isatty() else _lines()


def _bar(end: ExitStack) -> Callable[[float], None]:
    """A bar draws itself as soon as it is entered: not before there is something to tell."""

    @cache
    def shown() -> Callable[[int], None]:
        bar = end.enter_context(click.progressbar(length=_STEPS, label=_LABEL, width=_WIDTH))
        return lambda step: bar.update(step - bar.pos)

    return lambda part: shown()(int(part * _STEPS))


def _lines() -> Callable[[float], None]:
    told = -1

    def heard(part: float) -> None:
        nonlocal told
        if int(part * _LINES) > told:
            told = int(part * _LINES)
            click.echo(f"{_LABEL}: {told / _LINES:.0%}")

    return heard
