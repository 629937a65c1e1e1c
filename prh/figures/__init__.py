"""The pictures of a run; each function returns a matplotlib figure, ``save`` writes it as PNG and SVG."""

from prh.figures.depth import DepthCurve, score_by_depth
from prh.figures.heatmap import layer_heatmap
from prh.figures.neighbours import neighbour_page
from prh.figures.scatter import rsa_scatter
from prh.figures.stimuli import stimulus_grid
from prh.figures.style import save
from prh.figures.umap import Panel, umap_panels

__all__ = [
    "DepthCurve",
    "Panel",
    "layer_heatmap",
    "neighbour_page",
    "rsa_scatter",
    "save",
    "score_by_depth",
    "stimulus_grid",
    "umap_panels",
]
