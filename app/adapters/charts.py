"""The donut of a month: pygal computes the slices, the page draws them in classes that its style sheet colours.

pygal's own drawing carries a style element and a script, which the panel's policy forbids.
"""

import sys
from functools import lru_cache

import pygal

# Importing it leaves a finder for its plug-ins behind, of a kind that every later import is warned of.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]

SIZE = 128
INNER_RADIUS = 0.66
THINNEST = 0.01
"""Of the whole: a slice with anything in it can be seen, and no arc is too short to be drawn."""


@lru_cache(maxsize=4096)
def donut(parts: tuple[int, ...]) -> tuple[str, ...]:
    """SVG paths of slices in a square of SIZE, clockwise from the top; one for each part, all of them above 0."""
    chart = pygal.Pie(inner_radius=INNER_RADIUS, width=SIZE, height=SIZE, margin=0, show_legend=False, js=[])
    for part in parts:
        chart.add("", max(part, sum(parts) * THINNEST))
    return tuple(path.attrib["d"] for path in chart.render_tree().iter("path"))
