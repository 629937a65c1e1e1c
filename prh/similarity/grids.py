"""Every layer of one network against every layer of another."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from prh.similarity.arrays import Array
from prh.similarity.metric import Metric
from prh.similarity.states import check_paired


def grid(metric: Metric, a: Mapping[str, Any], b: Mapping[str, Any]) -> Array:
    """Returns the score of every pair of layers; each layer is prepared once.

    Args:
        metric: How two layers are compared.
        a: Layer name to N×D features.
        b: Likewise, rows paired with ``a``'s.

    Returns:
        L_a×L_b scores.

    Raises:
        ValueError: As the metric's ``prepare``, naming the layer.
    """
    states_a = [metric.prepare(x, name) for name, x in a.items()]
    states_b = [metric.prepare(x, name) for name, x in b.items()]
    for right in states_b[:1]:
        check_paired(states_a[0], right)
    return np.array([[metric.compare(left, right) for right in states_b] for left in states_a])
