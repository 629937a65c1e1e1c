"""Trends over the networks of a cast: relatives change places together, and the sentence says so."""

import sys
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from scipy.stats import spearmanr

from prh.findings.cast import Cast, Member
from prh.findings.trends import mixed, trends
from prh.inference import mixed_trend
from prh.inference.pair_table import PairTable
from prh.similarity import RSA

METRIC = RSA("cosine")


def cast_of(families, seed=0, effect=0.0):
    """A cast of vision models of these families, the larger the more alike, and a text model."""
    generator, m = np.random.default_rng(seed), len(families)
    trait = generator.normal(size=m)
    size = effect * trait + np.sqrt(1 - effect**2) * generator.normal(size=m)
    error = np.triu(generator.normal(size=(m + 1, m + 1)), 1)
    whole = np.append(trait, 0.0)
    scores = 0.4 + 0.05 * (whole[:, None] + whole + 0.3 * (error + error.T))
    np.fill_diagonal(scores, 1.0)
    members = [
        Member(f"net{i}", f"net {i}", "images", family, False, float(np.exp(size[i])), np.nan)
        for i, family in enumerate(families)
    ]
    members.append(Member("text", "reader", "words", "reader", False, np.nan, np.nan))
    known = np.where(np.eye(m + 1, dtype=bool), np.nan, 0.01)
    names = tuple(one.name for one in members)
    table = PairTable.of(names, METRIC, scores, True, p=known, null_mean=0 * known)
    return Cast(tuple(members), table, trends(members, table, 0))


def test_families_change_places_whole():
    families = ["a", "a", "b", "b", "c"]
    cast = cast_of(families)
    sizes = [one.parameters for one in cast.members[:5]]
    ranks, at = np.argsort(np.argsort(sizes)), np.triu_indices(5, 1)

    def rho(order):
        some = ranks[list(order)]
        return spearmanr((some[:, None] + some)[at], cast.table.scores[:5, :5][at]).statistic

    blocks = [((0, 1), (2, 3)), ((2, 3), (0, 1))]
    orders = [
        [*(first[::one]), *(second[::other]), 4]
        for (first, second), one, other in product(blocks, (1, -1), (1, -1))
    ]
    everything = np.array([rho(order) for order in orders])
    found = cast.trends["pairs"]["parameters"]
    assert (found.exact, found.n_families, found.least_p) == (True, 3, 1 / 8)
    assert found.p == pytest.approx(np.mean(everything >= rho(range(5)) - 1e-9))
    to_text = cast.trends["text"]["parameters"]
    scores = cast.table.scores[:5, 5]
    against = np.array([spearmanr(ranks[order], scores).statistic for order in orders])
    assert to_text.p == pytest.approx(np.mean(against >= to_text.rho - 1e-9))


def test_without_relatives_all_models_change_places():
    cast = cast_of(list("abcde"))
    found = cast.trends["pairs"]["parameters"]
    assert (found.n_families, found.least_p) == (5, 1 / 120)
    everything = [
        spearmanr([m.parameters for m in cast.members[:5]], cast.table.scores[list(order), 5]).statistic
        for order in permutations(range(5))
    ]
    at_least = np.array(everything) >= cast.trends["text"]["parameters"].rho - 1e-9
    assert cast.trends["text"]["parameters"].p == pytest.approx(at_least.mean())
    assert all("5 models find" in sentence for sentence in cast.sentences())


def test_models_that_would_tell_alone_do_not_if_they_are_relatives():
    alone, relatives = cast_of(list("abcd"), effect=1.0), cast_of(list("aabb"), effect=1.0)
    assert not alone.trends["pairs"]["parameters"].too_few
    assert relatives.trends["pairs"]["parameters"].too_few
    assert "4 models of 2 families cannot tell" in relatives.sentences()[0]


def test_relatives_without_a_known_capability_make_no_family():
    cast = cast_of(list("aabcd"))
    members = list(cast.members)
    members[0] = replace(members[0], parameters=np.nan)
    found = trends(members, cast.table, 0)["pairs"]["parameters"]
    assert (found.n_models, found.n_families, found.least_p) == (4, 4, 1 / 24)


def test_what_so_many_models_can_find_stands_beside_the_trend():
    cast = cast_of(list("abcdefghij"), effect=0.9)
    found = cast.trends["pairs"]["parameters"]
    said = cast.sentences()[0]
    assert 0 < found.detectable < 1
    assert f"10 models find ρ ≥ {found.detectable:.2f} four times in five." in said
    assert f"[{found.ci_low:.2f}, {found.ci_high:.2f}]" in said
    metrics = {name: value for name, value, _ in cast.metrics([])}
    assert metrics["trend.pairs.parameters.detectable"] == found.detectable
    three = cast_of(list("abc"), effect=0.9)
    assert all("3 models cannot tell (no p below 0.17)" in sentence for sentence in three.sentences())


def test_many_models_have_a_mixed_model():
    pytest.importorskip("statsmodels")
    cast = cast_of(list("abcdefghij"), effect=0.9)
    found, unfitted = mixed(cast.members, cast.table)
    sizes = np.log10([one.parameters for one in cast.members[:10]])
    expected = mixed_trend(cast.table.scores[:10, :10], sizes)
    assert (found, unfitted) == ({"parameters": expected}, "")
    whole = replace(cast, mixed=found)
    assert f"ten times the parameters of both adds {expected.slope:.3g} [" in whole.sentences()[-1]
    assert ("mixed.pairs.parameters.slope", expected.slope, 0) in whole.metrics([])
    assert mixed(cast_of(list("abc")).members, cast_of(list("abc")).table) == ({}, "")


def test_a_mixed_model_that_cannot_be_fitted_costs_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.regression.mixed_linear_model", None)
    cast = cast_of(list("abcdefghij"))
    found, unfitted = mixed(cast.members, cast.table)
    assert found == {}
    assert "pip install 'prh[stats]'" in replace(cast, unfitted=unfitted).sentences()[-1]
    assert mixed(cast_of(list("abc")).members, cast_of(list("abc")).table) == ({}, "")
