"""How sure we are: permutation nulls, calibration and bootstrap intervals, for any metric."""

from prh.inference.bootstrap import bootstrap
from prh.inference.clusters import ClusterValues, cluster_values
from prh.inference.compare import Difference, compare_scores
from prh.inference.judge import NoInference, Permutation
from prh.inference.layer_grid import LayerGrid
from prh.inference.layers import LayersTest, max_over_layers_test
from prh.inference.means import MeanIntervals, mean_intervals
from prh.inference.null import benjamini_hochberg, permutation_orders, permutation_test
from prh.inference.reliability import NoiseCeiling, noise_ceiling
from prh.inference.score import Score

__all__ = [
    "ClusterValues",
    "Difference",
    "LayerGrid",
    "LayersTest",
    "MeanIntervals",
    "NoInference",
    "NoiseCeiling",
    "Permutation",
    "Score",
    "benjamini_hochberg",
    "bootstrap",
    "cluster_values",
    "compare_scores",
    "max_over_layers_test",
    "mean_intervals",
    "noise_ceiling",
    "permutation_orders",
    "permutation_test",
]
