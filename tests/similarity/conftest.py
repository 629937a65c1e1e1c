"""Pairs of representations of every kind that metrics have to cope with."""

import numpy as np
import pytest

KINDS = ("independent", "correlated", "rank deficient", "more features than stimuli", "far from the origin")


def pair(kind, n=24, seed=0):
    generator = np.random.default_rng(seed)
    x, y = generator.normal(size=(n, 10)), generator.normal(size=(n, 6))
    if kind == "correlated":
        y = x @ generator.normal(size=(10, 6)) + 0.3 * y
    if kind == "rank deficient":
        x = generator.normal(size=(n, 3)) @ generator.normal(size=(3, 10))
    if kind == "more features than stimuli":
        x = generator.normal(size=(n, 5 * n))
    if kind == "far from the origin":
        x = x + 1000
    return x, y


@pytest.fixture(params=KINDS)
def xy(request):
    return pair(request.param)
