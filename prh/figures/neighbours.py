"""What lies nearest to a stimulus for the vision model, and what for the text model."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from prh.figures.labels import credited, headed, wrapped
from prh.figures.style import PAGE, look, pt, stroke, subplots, theme
from prh.figures.text import CAPTION, NETWORK, brief
from prh.ground.numbers import number
from prh.stimuli.stimulus_set import StimulusSet

SHOWN = 6
"""Neighbours that are drawn, of those that are compared."""
GAP = 0.35
THUMBNAIL = 96


@look()
def neighbour_page(
    stimuli: StimulusSet,
    seen: NDArray[np.int64],
    read: NDArray[np.int64],
    names: tuple[str, str],
    rows: int = 9,
) -> Figure:
    """Draws some stimuli with their nearest neighbours in each modality; those in both are framed.

    The stimuli are evenly spaced from the one whose neighbourhoods agree most to one for which they agree
    least.

    Args:
        stimuli: N stimuli with captions.
        seen: N×k indices of the nearest to each for the vision model, nearest first.
        read: Likewise for the text model.
        names: Vision and text model.
        rows: How many stimuli are shown.
    """
    shared = np.array([len(np.intersect1d(a, b)) for a, b in zip(seen, read, strict=True)])
    order = np.argsort(-shared, kind="stable")
    chosen = order[np.linspace(0, len(order) - 1, min(rows, len(order))).astype(int)]
    width = 2.2 + 2 * (SHOWN + GAP) + 1.1
    figure, axes = subplots(1, 1, PAGE, PAGE / width * (1.22 * len(chosen) + 0.8))
    axis = axes[0, 0]
    starts = 2.2 + GAP, 2.2 + 2 * GAP + SHOWN
    for row, stimulus in enumerate(chosen):
        top = 1.22 * row
        _place(axis, stimuli, int(stimulus), 1.2, top, theme().faint)
        caption = brief(stimuli.captions[stimulus] if stimuli.captions else "", CAPTION, end=True)
        axis.text(1.1, top + 0.5, _in_two_lines(caption), ha="right", va="center", fontsize=pt(6.5))
        for start, own, other in ((starts[0], seen, read), (starts[1], read, seen)):
            for column, neighbour in enumerate(own[stimulus][:SHOWN]):
                both = neighbour in other[stimulus]
                _place(axis, stimuli, int(neighbour), start + column, top, theme().model if both else None)
        axis.text(
            starts[1] + SHOWN + 0.15,
            top + 0.5,
            f"{shared[stimulus]}/{seen.shape[1]}",
            va="center",
            fontsize=pt(7),
        )
    for start, name in zip(starts, names, strict=True):
        inches = (SHOWN - 0.1) / (width + 0.2) * figure.get_figwidth()
        line = wrapped(figure, f"nearest in {brief(name, NETWORK)}", inches, 7.5, bold=True)
        axis.text(start, -0.2, line, fontsize=pt(7.5), fontweight="bold", va="bottom")
    axis.text(starts[1] + SHOWN + 0.15, -0.2, "shared", fontsize=pt(7), va="bottom", color=theme().faint)
    axis.set_xlim(-1.2, starts[1] + SHOWN + 1)
    axis.set_ylim(1.22 * len(chosen), -0.6)
    axis.axis("off")
    note = f"framed: among the {seen.shape[1]} nearest of both; mean shared {number(shared.mean(), 2)}"
    headed(figure, f"Neighbours in both modalities ({note})", points=8)
    if stimuli.credit:
        credited(figure, stimuli.credit)
    return figure


def _place(
    axis: Axes, stimuli: StimulusSet, stimulus: int, left: float, top: float, frame: str | None
) -> None:
    from PIL import Image

    pixels = np.asarray(stimuli.images[stimulus]).transpose(1, 2, 0)
    image = Image.fromarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3))).resize((THUMBNAIL, THUMBNAIL))
    extent = (left + 0.05, left + 0.95, top + 0.95, top + 0.05)
    axis.imshow(np.asarray(image), extent=extent, interpolation="antialiased", aspect="equal")
    if frame:
        axis.add_patch(
            Rectangle(
                (left + 0.03, top + 0.03), 0.94, 0.94, fill=False, edgecolor=frame, linewidth=stroke(1.2)
            )
        )


def _in_two_lines(caption: str) -> str:
    if len(caption) < 14:
        return caption
    # Where there are no words to part, as in Chinese or in a long name, letters are.
    middle = len(caption) // 2
    spaces = [place for place, letter in enumerate(caption) if letter == " "]
    at = min(spaces, key=lambda place: abs(place - middle), default=middle)
    at = at if abs(at - middle) < middle / 2 else middle
    return f"{caption[:at].rstrip()}\n{caption[at:].lstrip()}"
