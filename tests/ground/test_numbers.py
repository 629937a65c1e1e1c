"""Numbers as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prh.ground.numbers import interval, number, plain, short, significant, typeset


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_a_number_reads_back_and_nothing_has_no_minus(value, places):
    text = number(value, places)
    assert "-" not in text
    assert float(plain(text)) == float(f"{value:.{places}f}")
    assert text.startswith("−") == (float(plain(text)) < 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (number(-0.0004), "0.000"),
        (number(-0.0), "0.000"),
        (number(-0.267), "−0.267"),
        (number(0.5, 1, "+"), "+0.5"),
        (number(0.0001, 3, "+"), "0.000"),
        (number(math.nan), "n/a"),
        (number(-math.inf), "−inf"),
        (significant(-2.761e-7), "−2.76e−07"),
        (significant(0.00536), "0.00536"),
        (short(0.0004), "0.0004"),
        (short(-0.0004), "−0.0004"),
        (short(0.5), "0.500"),
        (short(0.0), "0.000"),
        (interval(-0.0001, 0.83, 2), "[0.00, 0.83]"),
        (plain("−1 [−2, 3]"), "-1 [-2, 3]"),
    ],
)
def test_what_is_printed(text, said):
    assert text == said


def test_a_files_minus_is_typeset_and_other_hyphens_stay():
    shown = typeset("least -0.044 [-0.1, 0.0] (layer4 - layer1, all-MiniLM-L6-v2, 10-NN)")
    assert shown == "least −0.044 [−0.1, 0.0] (layer4 − layer1, all-MiniLM-L6-v2, 10-NN)"
    assert typeset(plain(shown)) == shown
