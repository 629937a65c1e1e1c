"""What the networks were shown."""

import numpy as np
from matplotlib.figure import Figure

from prh.figures.style import GRAY, PAGE, class_colours, look, subplots
from prh.figures.text import CLASS, NETWORK, TITLE, brief
from prh.stimuli.stimulus_set import StimulusSet


@look()
def stimulus_grid(stimuli: StimulusSet, per_class: int = 12) -> Figure:
    """Draws the first stimuli of each class, a class to a row, in the class' colour of all other figures."""
    names = [brief(name, CLASS) for name in stimuli.class_names]
    figure, axes = subplots(1, 1, PAGE, PAGE * len(names) / (per_class + 2.2))
    axis = axes[0, 0]
    height, width = stimuli.images.shape[-2:]
    canvas = np.full((len(names) * (height + 2), per_class * (width + 2), 3), 255, np.uint8)
    for row in range(len(names)):
        for column, index in enumerate(np.flatnonzero(stimuli.labels == row)[:per_class]):
            image = np.broadcast_to(stimuli.images[index], (3, height, width)).transpose(1, 2, 0)
            top, left = row * (height + 2), column * (width + 2)
            canvas[top : top + height, left : left + width] = (
                255 - image if stimuli.images.shape[1] == 1 else image
            )
    axis.imshow(canvas, interpolation="nearest", aspect="equal")
    axis.set_xticks([])
    axis.set_yticks([(row + 0.5) * (height + 2) for row in range(len(names))], names)
    for label, colour in zip(axis.get_yticklabels(), class_colours(len(names)), strict=True):
        label.set_color(colour)
        label.set_fontweight("bold")
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    shade = ", shown dark on light" if stimuli.images.shape[1] == 1 else ""
    axis.set_title(
        f"{brief(stimuli.name, NETWORK)}: {len(stimuli)} stimuli; the first of each class{shade}", loc="left"
    )
    if stimuli.credit:
        figure.supxlabel(brief(stimuli.credit, TITLE), x=0.99, ha="right", fontsize=6, color=GRAY)
    return figure
