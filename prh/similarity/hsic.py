"""HSIC of bootstrap samples of the stimuli, for many samples and pairs of layers at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from prh.similarity.arrays import Array

if TYPE_CHECKING:
    from prh.similarity.cka import KernelState


def weighted_hsic(
    layers: Sequence[KernelState], pairs: Sequence[tuple[int, int]], weights: Array, unbiased: bool
) -> Array:
    """Returns HSIC where stimulus i occurs ``weights[i]`` times; a copy is paired with no other copy of it.

    With weights of one it is the plain estimate. The kernels are passed over once, in blocks of rows,
    each of which every sample and every pair of layers uses.

    Args:
        layers: L kernels over the same N stimuli.
        pairs: P pairs of layers.
        weights: N×K.
        unbiased: Which estimate.

    Returns:
        P×K.
    """
    n, samples = weights.shape
    exponents = (weights, weights**2) if unbiased else (weights,)
    both = np.concatenate(exponents, axis=1)
    sums = np.zeros((len(layers), n, samples))
    products = np.zeros((len(pairs), 3 if unbiased else 1, samples))
    size = layers[0].metric.block_rows(n * len(layers))
    for start in range(0, n, size):
        some = slice(start, min(start + size, n))
        rows = [layer.rows(some) for layer in layers]
        if unbiased:
            own = np.arange(some.stop - start)
            for kernel in rows:
                kernel[own, own + start] = 0.0
        for layer, kernel in enumerate(rows):
            sums[layer, some] = kernel @ weights.astype(kernel.dtype)
        for pair, (i, j) in enumerate(pairs):
            spread = (rows[i] * rows[j]) @ both.astype(rows[i].dtype)
            # w'Mw, and where unbiased w'Mw² and w²'Mw², with M the product of the two kernels.
            products[pair, 0] += (weights[some] * spread[:, :samples]).sum(axis=0)
            if unbiased:
                products[pair, 1] += (weights[some] * spread[:, samples:]).sum(axis=0)
                products[pair, 2] += (weights[some] ** 2 * spread[:, samples:]).sum(axis=0)
    estimate = _unbiased if unbiased else _biased
    return np.array(
        [
            estimate(layers[i], layers[j], products[p], sums[i], sums[j], weights)
            for p, (i, j) in enumerate(pairs)
        ]
    )


def _biased(a: KernelState, b: KernelState, products: Array, ka: Array, kb: Array, w: Array) -> Array:
    """Returns Σ w_i w_j K_ij L_ij of the centred kernels, with w_i in place of w_i² where i is j."""
    size = w.sum(axis=0)
    mean_a, mean_b = ka / size, kb / size
    all_a, all_b = (w * mean_a).sum(axis=0) / size, (w * mean_b).sum(axis=0) / size
    centred = products[0] - 2 * size * (w * mean_a * mean_b).sum(axis=0) + size**2 * all_a * all_b
    own_a = a.diagonal[:, None] - 2 * mean_a + all_a
    own_b = b.diagonal[:, None] - 2 * mean_b + all_b
    result: Array = centred - ((w**2 - w) * own_a * own_b).sum(axis=0)
    return result


def _unbiased(a: KernelState, b: KernelState, products: Array, ka: Array, kb: Array, w: Array) -> Array:
    """Returns the weighted mean of K_ij (L_ij + L_qr − 2 L_iq) over four different stimuli i, j, q, r."""
    power = [(w**p).sum(axis=0) for p in range(1, 5)]
    rest = power[0] - w
    # The same three sums with kernels of ones count the weighted tuples of different stimuli.
    counted = np.array([power[0] ** 2 - power[1], power[0] * power[1] - power[2], power[1] ** 2 - power[3]])
    pairs, pairs_n = products[0], counted[0]
    triples, triples_n = _triples(products, ka, kb, w), _triples(counted, rest, rest, w)
    fours, fours_n = _fours(products, ka, kb, w), _fours(counted, rest, rest, w)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Array = pairs / pairs_n + fours / fours_n - 2 * triples / triples_n
    return result


def _triples(products: Array, ka: Array, kb: Array, w: Array) -> Array:
    """Returns Σ w_i w_j w_q K_ij L_iq over different i, j, q."""
    result: Array = (w * ka * kb).sum(axis=0) - products[1]
    return result


def _fours(products: Array, ka: Array, kb: Array, w: Array) -> Array:
    """Returns Σ w_i w_j w_q w_r K_ij L_qr over different i, j, q, r."""
    sharing_one = (w**2 * ka * kb).sum(axis=0) - products[2]
    whole = (w * ka).sum(axis=0) * (w * kb).sum(axis=0)
    result: Array = whole - 4 * sharing_one - 2 * products[2]
    return result
