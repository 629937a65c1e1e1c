"""The pictures of a run; each function returns a matplotlib figure, ``save`` writes it as PNG and SVG.

It alone imports matplotlib. It reads findings, and which figures a run draws stands in `plan`.
"""

from prh.figures.capability import ModelPoint, alignment_by_capability
from prh.figures.depth import DepthCurve, score_by_depth
from prh.figures.heatmap import layer_heatmap
from prh.figures.map import layer_map, representation_map
from prh.figures.neighbours import neighbour_page
from prh.figures.pairs import pair_matrix
from prh.figures.scatter import rsa_scatter
from prh.figures.stimuli import stimulus_grid
from prh.figures.style import save
from prh.figures.umap import Panel, umap_panels

__all__ = [
    "DepthCurve",
    "ModelPoint",
    "Panel",
    "alignment_by_capability",
    "layer_heatmap",
    "layer_map",
    "neighbour_page",
    "pair_matrix",
    "representation_map",
    "rsa_scatter",
    "save",
    "score_by_depth",
    "stimulus_grid",
    "umap_panels",
]
