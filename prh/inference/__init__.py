"""How sure we are: permutation nulls, calibration and bootstrap intervals, for any metric."""

from prh.inference.bootstrap import bootstrap
from prh.inference.judge import NoInference, Permutation
from prh.inference.layer_grid import LayerGrid
from prh.inference.null import permutation_orders, permutation_test
from prh.inference.score import Score

__all__ = [
    "LayerGrid",
    "NoInference",
    "Permutation",
    "Score",
    "bootstrap",
    "permutation_orders",
    "permutation_test",
]
