"""Representational similarity as a library: arrays in, numbers out.

    >>> import numpy as np
    >>> from prh.similarity import mutual_knn, rsa
    >>> x = np.random.default_rng(0).normal(size=(60, 8))
    >>> y = x[:, :6]
    >>> round(rsa(x, y, distance="cosine"), 2), round(mutual_knn(x, y, k=5), 2)
    (0.79, 0.59)

Every metric is two steps, ``prepare`` once per representation and ``compare`` once per pair, so that
layer grids, permutation nulls and bootstraps pay for each representation once.

It knows arrays and nothing else: a folder a family of metrics, each with its compiled loops, and loose beside
them what all share.
"""

from prh.similarity.arrays import DegenerateFeatures
from prh.similarity.clusters import cluster_scores, stimulus_scores
from prh.similarity.distances import rdm
from prh.similarity.grids import grid
from prh.similarity.kernels.cka import CKA, cka
from prh.similarity.linear.cca import PWCCA, SVCCA, pwcca, svcca
from prh.similarity.linear.procrustes import Procrustes, procrustes
from prh.similarity.metric import Metric
from prh.similarity.neighbours.cknna import CKNNA, cknna
from prh.similarity.neighbours.ordered import LCSKNN, EditKNN, edit_knn, lcs_knn
from prh.similarity.neighbours.overlap import (
    CycleKNN,
    JaccardKNN,
    MutualKNN,
    cycle_knn,
    jaccard_knn,
    mutual_knn,
)
from prh.similarity.rdms.rsa import RSA, rsa
from prh.similarity.states import Rows, State

__all__ = [
    "CKA",
    "CKNNA",
    "LCSKNN",
    "PWCCA",
    "RSA",
    "SVCCA",
    "CycleKNN",
    "DegenerateFeatures",
    "EditKNN",
    "JaccardKNN",
    "Metric",
    "MutualKNN",
    "Procrustes",
    "Rows",
    "State",
    "cka",
    "cknna",
    "cluster_scores",
    "cycle_knn",
    "edit_knn",
    "grid",
    "jaccard_knn",
    "lcs_knn",
    "mutual_knn",
    "procrustes",
    "pwcca",
    "rdm",
    "rsa",
    "stimulus_scores",
    "svcca",
]
