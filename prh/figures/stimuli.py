"""What the networks were shown."""

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from prh.figures.colour import luminance, readable
from prh.figures.labels import credited, headed, inches_of
from prh.figures.style import PAGE, class_colours, look, subplots, theme
from prh.figures.text import CLASS, NETWORK, brief
from prh.stimuli.stimulus_set import StimulusSet


@look()
def stimulus_grid(stimuli: StimulusSet, per_class: int = 12) -> Figure:
    """Draws the first stimuli of each class, a class to a row, in the class' colour of all other figures."""
    names = [brief(name, CLASS) for name in stimuli.class_names]
    figure, axes = subplots(1, 1, PAGE, PAGE)
    axis = axes[0, 0]
    beside = max(inches_of(figure, name, 7, bold=True) for name in names) + 0.2
    figure.set_figheight((figure.get_figwidth() - beside) * len(names) / per_class + 0.6 * theme().width)
    height, width = stimuli.images.shape[-2:]
    ground = np.array(255 * np.array(to_rgb(theme().ground)), np.uint8)
    canvas = np.broadcast_to(ground, (len(names) * (height + 2), per_class * (width + 2), 3)).copy()
    # Gray pictures are light on black; on a light ground they are turned round.
    turned = stimuli.images.shape[1] == 1 and luminance(theme().ground) > 0.5
    for row in range(len(names)):
        for column, index in enumerate(np.flatnonzero(stimuli.labels == row)[:per_class]):
            image = np.broadcast_to(stimuli.images[index], (3, height, width)).transpose(1, 2, 0)
            top, left = row * (height + 2), column * (width + 2)
            canvas[top : top + height, left : left + width] = 255 - image if turned else image
    # Centred in its place, it would leave its names less room than the layout saw to.
    axis.set_anchor("W")
    axis.imshow(canvas, interpolation="nearest", aspect="equal")
    axis.set_xticks([])
    axis.set_yticks([(row + 0.5) * (height + 2) for row in range(len(names))], names)
    for label, colour in zip(axis.get_yticklabels(), class_colours(len(names)), strict=True):
        label.set_color(readable(colour))
        label.set_fontweight("bold")
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    of_each = " of each class" if len(names) > 1 else ""
    shade = ", shown dark on light" if turned else ""
    title = f"{brief(stimuli.name, NETWORK)}: {len(stimuli)} stimuli; the first{of_each}{shade}"
    headed(figure, title, points=8)
    if stimuli.credit:
        credited(figure, stimuli.credit)
    return figure
