"""How sure we are: permutation nulls, calibration, intervals and differences, for any metric.

    >>> import numpy as np
    >>> from prh.inference import permutation_test, score_interval
    >>> from prh.similarity import RSA
    >>> x = np.random.default_rng(0).normal(size=(60, 8))
    >>> y = x[:, :6]
    >>> metric = RSA(distance="cosine")
    >>> permutation_test(metric, metric.prepare(x), metric.prepare(y), n=99).p
    0.01
    >>> [round(end, 2) for end in score_interval(metric, x, y)]
    [0.68, 0.86]

It knows arrays and the protocol of metrics: a library like `similarity`, which knows no run, network or file.
"""

from prh.inference.clusters import ClusterValues, cluster_values
from prh.inference.compare import Difference, compare_pairs, compare_scores, independent_difference
from prh.inference.design import Design
from prh.inference.exchange import Exchange, NotExchangeable, permutation_orders
from prh.inference.judge import NoInference, Permutation
from prh.inference.layer_grid import LayerGrid
from prh.inference.layers import LayersTest, max_over_layers_test
from prh.inference.means import MeanIntervals, mean_intervals
from prh.inference.mixed import MixedTrend, mixed_trend
from prh.inference.null import permutation_test
from prh.inference.pair_table import PairTable
from prh.inference.pairs import all_pairs, likenesses
from prh.inference.planning import power, stimuli_needed
from prh.inference.reliability import NoiseCeiling, noise_ceiling
from prh.inference.score import Score
from prh.inference.significance import benjamini_hochberg
from prh.inference.trend import Trend, anchor_trend, pair_trend
from prh.inference.uncertainty import influences, intervals, score_interval

__all__ = [
    "ClusterValues",
    "Design",
    "Difference",
    "Exchange",
    "LayerGrid",
    "LayersTest",
    "MeanIntervals",
    "MixedTrend",
    "NoInference",
    "NoiseCeiling",
    "NotExchangeable",
    "PairTable",
    "Permutation",
    "Score",
    "Trend",
    "all_pairs",
    "anchor_trend",
    "benjamini_hochberg",
    "cluster_values",
    "compare_pairs",
    "compare_scores",
    "independent_difference",
    "influences",
    "intervals",
    "likenesses",
    "max_over_layers_test",
    "mean_intervals",
    "mixed_trend",
    "noise_ceiling",
    "pair_trend",
    "permutation_orders",
    "permutation_test",
    "power",
    "score_interval",
    "stimuli_needed",
]
