"""How all figures look: colours that the colour-blind can tell apart, sizes for print."""

from __future__ import annotations

import io
import os
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors, schema

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito, 2008: eight colours that differ for every kind of colour vision; the yellow is
# left out, too pale on white.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
MARKERS = ("o", "^", "s", "D", "v", "P", "X")
BY_CATEGORY = dict(zip(schema.CATEGORIES, (*COLOURS[:6], "#7f7f7f"), strict=True))
FORMATS = ("svg", "pdf", "png")
WIDTH = 7.2  # inches, two columns of a journal
_FEW = 400  # marks of a projection
_LETTER = 0.08  # inches, of a title
_SETTINGS: dict[str, Any] = {
    "font.size": 8, "axes.titlesize": 9, "axes.titlelocation": "left", "legend.fontsize": 7.5,
    "legend.frameon": False, "axes.spines.top": False, "axes.spines.right": False,
    "svg.hashsalt": "cytoimagenet", "svg.fonttype": "none", "pdf.fonttype": 42,
}  # fmt: skip


def settings() -> Any:
    """Returns a context in which figures have the style; ConfigError without matplotlib."""
    try:
        import matplotlib
    except ImportError as error:
        raise errors.ConfigError(
            f"Figures need matplotlib ({error}): pip install 'cytoimagenet-tfds[viz]'"
        ) from error
    context: Any = matplotlib.rc_context  # its stubs want every name of a setting literally
    return context(_SETTINGS)


def new(width: float, height: float) -> Figure:
    """Returns an empty figure of this size in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, path: Path) -> None:
    """Writes a figure in the format of the path's ending, without the time of writing."""
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}
    form = path.suffix[1:]
    buffer = io.BytesIO()
    figure.savefig(buffer, format=form, dpi=300, metadata=metadata[form])
    part = path.with_name(f".part-{path.name}")
    part.write_bytes(buffer.getvalue())
    os.replace(part, path)


def dot(count: int) -> float:
    """Returns the area of a mark in square points: smaller where many would hide each other."""
    return 14 if count < _FEW else 7


def look(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Returns name -> (colour, marker), another pair for each of up to 49 names.

    Neighbours differ in both, so that a figure can be read without colours.
    """
    count = len(COLOURS)
    return {
        name: (COLOURS[number % count], MARKERS[(number + number // count) % count])
        for number, name in enumerate(names)
    }


def plain_log(axis: Any) -> None:
    """Makes an axis logarithmic with numbers people read: 1, 2, 5, 10, 20 ... 1,000."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    low, high = sorted(axis.get_view_interval())
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < 1000 else (1,)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:,.0f}"))


def whole_numbers(axis: Any) -> None:
    """Makes the ticks of an axis of counts whole numbers."""
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def shortened(text: str, most: int) -> str:
    """Returns a text of at most `most` characters, its middle left out where it is longer."""
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def wrapped(title: str, width: float) -> str:
    """Returns a title in as many lines as it needs on a figure of this width in inches."""
    return "\n".join(textwrap.wrap(title, int(width / _LETTER)))


def picture(axes: Axes, image: Any) -> None:
    """Shows a grey or colour image, uint8, without axes."""
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="antialiased")
    axes.set_axis_off()


def legend(axes: Axes, names: Sequence[str], colours: Sequence[str], **options: Any) -> None:
    """Adds a legend of coloured squares."""
    from matplotlib.patches import Patch

    patches = [Patch(color=colour, label=name) for name, colour in zip(names, colours, strict=True)]
    axes.legend(handles=patches, **options)
