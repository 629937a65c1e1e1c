"""Which stimuli take each other's place: all ways there are, or enough of them."""

from itertools import permutations, product
from math import factorial

import numpy as np
import pytest
from scipy.signal import lfilter

from prh.inference import Design, Exchange, NotExchangeable, permutation_orders, permutation_test
from prh.similarity import CKA, RSA, MutualKNN


def test_few_stimuli_are_permuted_in_every_way_there_is():
    orders = permutation_orders(5, 120, seed=0)
    assert len(orders) == 119
    assert {tuple(order) for order in orders} | {tuple(range(5))} == set(permutations(range(5)))


def test_more_are_permuted_at_random_and_repeatably():
    orders = permutation_orders(6, 100, seed=3)
    assert orders.shape == (100, 6)
    assert (np.sort(orders) == np.arange(6)).all()
    assert (orders == permutation_orders(6, 100, seed=3)).all()
    assert (orders != permutation_orders(6, 100, seed=4)).any()


LABELS = np.array([2, 0, 2, 0, 0, 7])
"""A class of two, one of three and one alone."""


def test_within_classes_all_ways_are_the_product_of_those_of_each_class():
    orders, exact = Exchange(within=LABELS).orders(6, 11, 0)
    assert exact
    found = {tuple(order) for order in orders}
    expected = {order for order in permutations(range(6)) if (LABELS[list(order)] == LABELS).all()}
    assert len(orders) == len(found) == factorial(3) * factorial(2) - 1
    assert found | {tuple(range(6))} == expected


@pytest.mark.parametrize("sequence", [None, np.random.default_rng(1).permutation(60)])
def test_drawn_within_classes_stimuli_stay_in_their_class_and_go_anywhere_in_it(sequence):
    labels = np.arange(60) % 7
    exchange = Exchange(labels, sequence)
    orders, exact = exchange.orders(60, 400, 3)
    assert not exact
    assert orders.shape == (400, 60)
    assert (np.sort(orders) == np.arange(60)).all()
    assert (labels[orders] == labels).all()
    assert (orders == exchange.orders(60, 400, 3)[0]).all()
    for place in (0, 33):
        assert set(orders[:, place]) == set(np.flatnonzero(labels == labels[place]))


def test_along_a_sequence_within_groups_each_group_moves_on_by_itself():
    sequence, groups = np.array([3, 1, 0, 4, 2]), np.array([0, 1, 1, 0, 0])
    orders, exact = Exchange(groups, sequence).orders(5, 100, 0)
    assert exact
    lines = [3, 0, 4], [1, 2]
    expected = set()
    for steps in product(range(3), range(2)):
        order = np.empty(5, dtype=int)
        for line, step in zip(lines, steps, strict=True):
            order[line] = np.roll(line, -step)
        expected.add(tuple(order))
    assert {tuple(order) for order in orders} == expected - {tuple(range(5))}


def test_what_the_design_does_not_have_cannot_be_permuted_within():
    with pytest.raises(NotExchangeable, match="no groups"):
        Exchange.of(Design(classes=LABELS), "groups")
    with pytest.raises(NotExchangeable, match="alone in its class"):
        Exchange.of(Design(classes=np.arange(9)), "classes").orders(9, 10, 0)
    with pytest.raises(ValueError, match="there are 5 stimuli"):
        Exchange(LABELS).orders(5, 10, 0)


@pytest.mark.parametrize("metric", [RSA("euclidean"), CKA(), MutualKNN(3)], ids=lambda metric: metric.name)
def test_a_sequence_is_moved_along_and_no_other_way(metric):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(24, 4))
    y = x + generator.normal(size=x.shape)
    sequence = generator.permutation(24)
    result = permutation_test(
        metric, metric.prepare(x), metric.prepare(y), exchange=Exchange(sequence=sequence)
    )
    moved = np.array([metric(x[sequence], np.roll(y[sequence], step, axis=0)) for step in range(24)])
    assert result.exact
    assert result.p == np.mean(moved >= moved[0] - 1e-6)


def test_recordings_of_one_length_change_places_whole():
    sequence = np.random.default_rng(0).permutation(15)
    recordings = np.empty(15, dtype=int)
    recordings[sequence] = np.repeat([4, 0, 3, 1, 2], 3)
    exchange = Exchange.of(Design(groups=recordings, sequence=sequence))
    orders, exact = exchange.orders(15, 120, 0)
    assert exact
    lines = sequence.reshape(5, 3)
    expected = {tuple(np.concatenate(lines[list(order)])) for order in permutations(range(5))}
    assert {tuple(order[sequence]) for order in orders} == expected - {tuple(sequence)}
    drawn, exact = exchange.orders(15, 30, 0)
    assert (len(drawn), exact) == (30, False)


@pytest.mark.parametrize(
    "groups", [np.repeat([0, 1, 2], 5), np.repeat(range(5), [1, 5, 3, 3, 3]), np.arange(15) % 5]
)
def test_few_recordings_or_such_of_many_lengths_are_one_sequence(groups):
    exchange = Exchange.of(Design(groups=groups, sequence=np.arange(15)))
    assert exchange.whole is None
    assert exchange.sequence is not None
    with pytest.raises(ValueError, match="equally long"):
        Exchange(sequence=np.arange(15), whole=np.arange(15) % 5).orders(15, 10, 0)


def slow(generator, n, memory=0.9):
    """An autoregressive signal of three features."""
    return lfilter([1], [1, -memory], generator.normal(size=(n + 50, 3)), axis=0)[50:]


def one_recording(generator):
    return slow(generator, 100)


def ten_recordings(generator):
    return np.concatenate([slow(generator, 12) + 3 * generator.normal(size=3) for _ in range(10)])


def eight_classes(generator):
    return generator.normal(size=(64, 3)) + 3 * np.eye(8)[np.arange(64) % 8, :3]


def rejected(side, exchange, runs):
    """How often two representations that have nothing else in common are found alike at 5%."""
    metric, p = RSA("euclidean"), []
    for seed in range(runs):
        generator = np.random.default_rng(seed)
        a, b = (metric.prepare(side(generator)) for _ in range(2))
        p.append(permutation_test(metric, a, b, n=99, seed=seed, exchange=exchange).p)
    return np.mean(np.array(p) <= 0.05)


RECORDINGS = Design(groups=np.repeat(range(10), 12), sequence=np.arange(120))


@pytest.mark.parametrize(
    ("side", "exchange", "low", "high"),
    [
        (one_recording, Exchange.of(Design(sequence=np.arange(100))), 0.02, 0.09),
        (ten_recordings, Exchange.of(RECORDINGS), 0.02, 0.09),
        (eight_classes, Exchange.of(Design(classes=np.arange(64) % 8), "classes"), 0.02, 0.09),
        (one_recording, Exchange(), 0.4, 1),
        (ten_recordings, Exchange(), 0.8, 1),
        (ten_recordings, Exchange(sequence=np.arange(120)), 0.1, 1),
        (eight_classes, Exchange(), 0.9, 1),
    ],
)
def test_it_keeps_its_size_if_and_only_if_stimuli_are_exchanged_as_they_may_be(side, exchange, low, high):
    assert low <= rejected(side, exchange, 300 if high < 1 else 60) <= high


def test_copies_move_together_and_only_few_stimuli_are_checked_for_them():
    copies = np.array([0, 0, 1, 2, 3, 3, 4, 5])
    exchange = Exchange.of(Design(copies=copies))
    orders, exact = exchange.orders(8, 50, 0)
    assert not exact
    for order in orders:
        assert {frozenset(order[[0, 1]]), frozenset(order[[4, 5]])} == {frozenset([0, 1]), frozenset([4, 5])}
    assert Exchange.of(Design(copies=np.arange(3000))).free
    assert Exchange.of(Design(copies=copies, classes=copies), "classes").copies is None
