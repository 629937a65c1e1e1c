"""Numbers beyond the grid as sentences."""

import re
from dataclasses import replace

import pytest

from prh.findings.remarks import remarks
from prh.inference.score import Score

LAST = Score(0.32, ci_low=-0.31, ci_high=0.79)
IMAGES = {
    "last.ci_images_low": 0.275,
    "last.ci_images_high": 0.348,
    "last.ci_both_low": -0.4,
    "last.ci_both_high": 0.9,
}


def test_nobody_can_take_one_interval_for_the_other():
    (line,) = remarks(IMAGES, LAST)
    assert line == (
        "last, for these classes, other images: [0.275, 0.348]; for other classes: [−0.310, 0.790]; "
        "for other classes and other images: [−0.400, 0.900]"
    )


def test_every_kind_of_number_is_said():
    further = {
        "last.ceiling": 0.99,
        "last.ceiling_se": 0.004,
        "last.beyond_pixels": 0.34,
        "last.beyond_pixels.ci_low": 0.3,
        "last.beyond_pixels.ci_high": 0.38,
        "last.beyond_random_twin": 0.2,
        "best.crossfit": 0.79,
        "best.crossfit_sd": 0.01,
    }
    assert remarks(further, LAST) == [
        "last: noise ceiling 0.990 ± 0.004",
        "last, beyond pixels: 0.340 [0.300, 0.380]; beyond the network untrained: 0.200",
        "best, chosen on one half and scored on the other: 0.790 ± 0.010 over splits",
    ]
    (below,) = remarks({"last.ceiling": 0.0}, LAST)
    assert below.startswith("last: noise ceiling 0.000, below the score: so few images")
    assert remarks({}, LAST) == []


@pytest.mark.parametrize(
    ("p", "further", "said"),
    [
        (0.004, {}, "p < 0.05 beside an interval that holds chance: .* of these stimuli, .* other stimuli"),
        (
            0.004,
            IMAGES,
            "p < 0.05 beside an interval that holds chance: .* of these classes, .* other classes",
        ),
        (
            0.004,
            IMAGES | {"last.ci_images_low": -0.5},
            "p < 0.05 beside an interval over other images that holds chance: .* no more than chance",
        ),
        (0.2, IMAGES, "p ≥ 0.05 beside an interval above chance: .* these very classes is known"),
        (0.2, {}, None),
        (float("nan"), IMAGES, None),
    ],
)
def test_p_and_interval_that_seem_to_differ_are_explained(p, further, said):
    lines = [line for line in remarks(further, replace(LAST, p=p, null_mean=0.0)) if "beside" in line]
    assert len(lines) == (said is not None)
    assert not lines or re.search(said, lines[0])


def test_nothing_is_explained_where_p_and_interval_agree():
    assert remarks({}, Score(0.5, p=0.001, null_mean=0.0, ci_low=0.4, ci_high=0.6)) == []
