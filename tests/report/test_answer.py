"""Three sentences say no more than the numbers do."""

from dataclasses import replace

import numpy as np
import pytest

from prh.inference.score import Score
from prh.report.answer import Likeness, Many, answer, answer_of_many

JUDGED = Score(0.52, p=0.001, null_mean=-0.0001, null_sd=0.006, ci_low=0.5, ci_high=0.55)
SHOWN = "1,000 stimuli of fashion_mnist/test"
NAMES = "the names of their 10 classes"
NET = Likeness("net", "cnn", JUDGED, "RSA (cosine, spearman)", "other stimuli")


def judged(**numbers):
    return replace(NET, score=replace(JUDGED, **numbers))


def words(a, **numbers):
    return replace(judged(**numbers), a=a, b="MiniLM", others="10 other classes")


def test_a_score_beyond_chance_is_a_yes_with_its_interval_and_null():
    question, models, none = answer(SHOWN, NET)
    assert question == f"Do net and cnn arrange {SHOWN} alike?"
    said = "RSA (cosine, spearman) 0.52 [0.50, 0.55] (chance 0.00 ± 0.01, p = 0.001)"
    assert models == f"Yes, more than by chance: at their last layers {said}."
    assert none == "No text encoder was asked, so nothing is said of words."


def test_without_words_classes_are_spoken_of_where_they_explain_something():
    assert answer(SHOWN, replace(NET, explained=0.694))[2].startswith("69% of it is explained by the classes")


@pytest.mark.parametrize(
    ("numbers", "begins", "holds"),
    [
        ({"value": 0.02, "p": 0.23, "ci_low": -0.02}, "That cannot be told from chance", "[−0.02, 0.55]"),
        ({"value": 0.02, "p": 0.06, "ci_low": 0.01}, "That stays open", "[0.01, 0.55]"),
        ({"value": 0.42, "p": 0.005, "ci_low": -0.27}, "For these stimuli yes", "anything in [−0.27, 0.55]"),
        ({"value": -0.3, "p": 0.99, "ci_low": -0.4, "ci_high": -0.1}, "No, they are less alike", "−0.30"),
        ({"p": 0.001, "ci_low": np.nan, "ci_high": np.nan}, "Yes, more than by chance", "0.52 (chance"),
        ({"p": np.nan}, "At their last layers RSA", "how much of that is chance was not asked"),
        ({"value": np.nan, "p": np.nan}, "At their last layers there is no score", "nothing to compare"),
    ],
)
def test_models_are_said_to_be_alike_no_more_than_is_known(numbers, begins, holds):
    sentence = answer(SHOWN, judged(**numbers))[1]
    assert sentence.startswith(begins)
    assert holds in sentence
    assert begins.startswith("Yes") or "Yes" not in sentence


def test_what_cannot_be_told_is_not_called_different():
    assert "does not show that they differ" in answer(SHOWN, judged(value=0.0, p=0.5, ci_low=-0.1))[1]


def test_an_interval_that_holds_chance_beside_a_small_p_is_said_in_so_many_words():
    both = [
        words("net", value=0.42, p=0.00536, null_sd=0.16, ci_low=-0.27, ci_high=0.83),
        words("cnn", value=0.32, p=0.0558, null_sd=0.19, ci_low=-0.56, ci_high=0.86),
    ]
    question, _, of_words = answer(SHOWN, NET, both, NAMES)
    assert question == f"Do net and cnn arrange {SHOWN} alike, and as MiniLM arranges {NAMES}?"
    assert "net agrees more than by chance (0.42; chance 0.00 ± 0.16, p = 0.005)" in of_words
    assert "but with 10 other classes that might be anything in [−0.27, 0.83]" in of_words
    assert "cnn cannot be told from chance (0.32 [−0.56, 0.86]; chance 0.00 ± 0.19, p = 0.056)" in of_words


def test_other_images_that_might_score_chance_are_spoken_of():
    shaky, firm = (
        answer("stimuli", NET, [replace(NET, b="text", images=images)], "names")[2]
        for images in ((-0.58, 0.99), (0.3, 0.9))
    )
    assert "and with other images of the same classes anything in [−0.58, 0.99]" in shaky
    assert "other images" not in firm


def test_captions_are_called_so_and_another_metric_is_named():
    others = [
        replace(words(name, value=0.4), metric="CKA", others="other stimuli") for name in ("net", "cnn")
    ]
    question, _, of_words = answer(SHOWN, NET, others, "their captions")
    assert question.endswith("and as MiniLM arranges their captions?")
    assert of_words.count("CKA") == 1
    assert "cnn agrees more than by chance (0.40 [0.50, 0.55]" in of_words


def test_shares_of_neighbours_are_percentages():
    score = Score(0.184, p=0.001, null_mean=0.0103, null_sd=0.001, ci_low=0.153, ci_high=0.213)
    models = answer(SHOWN, replace(NET, score=score, metric="mutual 10-NN", neighbours=10))[1]
    assert "18% [15%, 21%] of 10 nearest neighbours are shared (chance 1%, p = 0.001)" in models


def many(**changes):
    found = Many(
        3, 3, 3, 2, replace(NET, a="x", b="y"), judged(value=0.01, p=0.4, ci_low=-0.03, ci_high=0.05)
    )
    return answer_of_many(SHOWN, replace(found, **changes))


def test_of_many_it_is_said_how_many_pairs_are_beyond_chance_and_which_are_most_alike():
    question, pairs, trend = many()
    assert question == f"Which of 3 encoders arrange {SHOWN} alike?"
    assert pairs.startswith(
        "Of 3 pairs that were judged 2 are more alike than by chance at the last layers (q < 0.05)"
    )
    assert "most alike are x and y (RSA (cosine, spearman) 0.52 [0.50, 0.55])" in pairs
    assert "least net and cnn (RSA (cosine, spearman) 0.01 [−0.03, 0.05])" in pairs
    assert trend == "Whether likeness rises with capability was not tested."


def test_of_many_none_may_be_judged_or_have_a_score():
    assert many(judged=0, beyond=0)[1].startswith("Of 3 pairs none was judged against chance;")
    assert "judged none is more alike" in many(beyond=0)[1]
    assert many(most=None, least=None)[1] == "No pair of last layers has a score."
    assert many(trend="It does.")[2] == "It does."
