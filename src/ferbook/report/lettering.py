"""Lettering of figures that can be read on a phone, which shrinks them to its width."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

#: px: a figure's width on a phone of 390 px, and the smallest lettering that is read there at ease.
PHONE, SMALLEST = 358, 9
#: inches: what saving a figure adds around it, left and right together
MARGIN = 0.2
#: gid of lettering that stays as small as it is, where larger would collide
DENSE = "dense"


def legible(figure: Figure) -> Figure:
    """Lift lettering that a phone would show smaller than `SMALLEST`; what is larger stays.

    A figure of W inches is 72 W pt wide and becomes `PHONE` px, so `SMALLEST` px are
    `SMALLEST` * 72 W / `PHONE` pt.
    """
    least = SMALLEST * 72 * (figure.get_figwidth() + MARGIN) / PHONE
    ticks = FontProperties(size=plt.rcParams["xtick.labelsize"]).get_size_in_points()
    for axis in figure.axes:
        axis.tick_params(labelsize=max(ticks, least))  # of those drawn later, too
    for text in figure.findobj(Text):
        small = isinstance(text, Text) and text.get_text() and float(text.get_fontsize()) < least
        if small and text.get_gid() != DENSE:
            text.set_fontsize(least)
    return figure
