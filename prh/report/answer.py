"""What was asked and what came out, in plain sentences made from the numbers with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal

from prh.ground.numbers import number
from prh.inference.score import NAN, Score, p_text

ALPHA = 0.05
Verdict = Literal["above", "here", "open", "untold", "below", "unjudged", "undefined"]


@dataclass(frozen=True)
class Likeness:
    """Two encoders at their last layers, as sentences need them.

    Attributes:
        a: One encoder.
        b: The other.
        score: Judged, or not.
        metric: Its name.
        others: What an interval is over, e.g. ``other stimuli`` or ``ten other classes``.
        neighbours: Where the score is a share of nearest neighbours, how many these are; else 0.
        explained: What share of the score the classes explain; NaN where that is not known.
        images: The ends of the interval over other images of the same classes, NaN where there is none.
    """

    a: str
    b: str
    score: Score
    metric: str
    others: str
    neighbours: int = 0
    explained: float = NAN
    images: tuple[float, float] = (NAN, NAN)

    @property
    def verdict(self) -> Verdict:
        """Whether the score is beyond chance, and whether that can be said of other stimuli or classes."""
        score = self.score
        if not isfinite(score.value):
            return "undefined"
        if not isfinite(score.p):
            return "unjudged"
        known = isfinite(score.ci_low) and isfinite(score.ci_high)
        if score.p < ALPHA:
            return "above" if not known or score.ci_low > score.null_mean else "here"
        if known and score.ci_high < score.null_mean and score.p > 1 - ALPHA:
            return "below"
        return "open" if known and score.ci_low > score.null_mean else "untold"

    @property
    def value(self) -> str:
        """The score with the metric's name; a share of neighbours in percent."""
        value = self.shown(self.score.value)
        if self.neighbours:
            return f"{value} of {self.neighbours} nearest neighbours are shared"
        return f"{self.metric} {value}".strip()

    @property
    def with_interval(self) -> str:
        """The same with its interval in brackets, where there is one."""
        plain, interval = self.shown(self.score.value), self.interval
        return self.value.replace(plain, f"{plain} [{interval}]", 1) if interval else self.value

    @property
    def interval(self) -> str:
        """The ends of the interval; empty where there is none."""
        ends = self.score.ci_low, self.score.ci_high
        return ", ".join(map(self.shown, ends)) if all(map(isfinite, ends)) else ""

    @property
    def chance(self) -> str:
        """What permuted stimuli score, with p."""
        score = self.score
        spread = "" if self.neighbours else f" ± {number(score.null_sd, 2)}"
        return f"chance {self.shown(score.null_mean)}{spread}, p = {p_text(score.p)}"

    @property
    def unsteady(self) -> str:
        """What to add where other images of the very same classes might score no more than chance."""
        low, high = self.images
        if not low <= self.score.null_mean:
            return ""
        return (
            f", and with other images of the same classes anything in [{self.shown(low)}, {self.shown(high)}]"
        )

    def shown(self, value: float) -> str:
        """Returns a score as sentences show it."""
        return f"{number(100 * value, 0)}%" if self.neighbours else number(value, 2)


def answer(shown: str, pair: Likeness, words: Sequence[Likeness] = (), read: str = "") -> list[str]:
    """Returns the question, and what is answered: of the two models, and of each with the words.

    Args:
        shown: The stimuli, e.g. ``1,000 stimuli of fashion_mnist/test``.
        pair: The model and the reference.
        words: The model and the reference, each with the text encoder; empty in a run without words.
        read: What the text encoder read, e.g. ``the names of their 10 classes``.
    """
    question = f"Do {pair.a} and {pair.b} arrange {shown} alike"
    if not words:
        return [f"{question}?", _of_models(pair), _without_words(pair)]
    question += f", and as {words[0].b} arranges {read}?"
    # What has been named once need not be again.
    metrics = [pair.metric, *(one.metric for one in words)]
    named = [
        one if one.metric not in metrics[: place + 1] else replace(one, metric="")
        for place, one in enumerate(words)
    ]
    of_words = "; ".join(f"{one.a} {_clause(one)}" for one in named)
    return [question, _of_models(pair), f"With {words[0].b}, which reads {read}, {of_words}."]


def _of_models(pair: Likeness) -> str:
    """Returns the sentence on model and reference."""
    where = "at their last layers"
    value, both = pair.value, pair.with_interval
    return {
        "above": f"Yes, more than by chance: {where} {both} ({pair.chance}).",
        "here": f"For these stimuli yes, more than by chance: {where} {value} ({pair.chance}); but for "
        f"{pair.others} it might be anything in [{pair.interval}], which holds chance.",
        "open": f"That stays open: {where} {both}, an interval that leaves chance out, and yet shuffled "
        f"stimuli reach as much too often ({pair.chance}).",
        "untold": f"That cannot be told from chance: {where} {both} ({pair.chance}); this does not show "
        "that they differ.",
        "below": f"No, they are less alike than by chance: {where} {both} ({pair.chance}).",
        "unjudged": f"{where.capitalize()} {value}; how much of that is chance was not asked.",
        "undefined": f"{where.capitalize()} there is no score: one of the two has nothing to compare.",
    }[pair.verdict]


def _without_words(pair: Likeness) -> str:
    asked = "no text encoder was asked, so nothing is said of words"
    if not isfinite(pair.explained):
        return f"{asked[0].upper()}{asked[1:]}."
    return f"{number(100 * pair.explained, 0)}% of it is explained by the classes that both see; {asked}."


def _clause(pair: Likeness) -> str:
    """Returns what is said of one model and the words, to follow its name."""
    value, both = pair.value, pair.with_interval
    return {
        "above": f"agrees more than by chance ({both}; {pair.chance}){pair.unsteady}",
        "here": f"agrees more than by chance ({value}; {pair.chance}), but with {pair.others} that might be "
        f"anything in [{pair.interval}]{pair.unsteady}",
        "open": f"stays open ({both}, which leaves chance out, but {pair.chance})",
        "untold": f"cannot be told from chance ({both}; {pair.chance})",
        "below": f"agrees less than by chance ({both}; {pair.chance})",
        "unjudged": f"was not judged against chance ({value})",
        "undefined": "has no score",
    }[pair.verdict]


@dataclass(frozen=True)
class Many:
    """All pairs of many encoders, as sentences need them.

    Attributes:
        encoders: How many.
        pairs: How many of their pairs have a score.
        judged: How many of these have a p.
        beyond: How many of these score beyond chance at this false discovery rate.
        most: The pair that is most alike; None where there is no score.
        least: The pair that is least alike.
        trend: What is said of capability, a sentence; empty where nothing can be.
    """

    encoders: int
    pairs: int
    judged: int
    beyond: int
    most: Likeness | None
    least: Likeness | None
    trend: str = ""


def answer_of_many(shown: str, many: Many) -> list[str]:
    """Returns the question, how many pairs are alike, and whether likeness rises with capability."""
    question = f"Which of {many.encoders} encoders arrange {shown} alike?"
    if many.most is None or many.least is None:
        return [question, "No pair of last layers has a score."]
    count = (
        f"Of {many.pairs} pairs none was judged against chance"
        if not many.judged
        else f"Of {many.judged} pairs that were judged {many.beyond or 'none'} "
        f"{'is' if many.beyond <= 1 else 'are'} more alike than by chance at the last layers (q < {ALPHA:g})"
    )
    ends = f"most alike are {_named(many.most)}"
    if many.least != many.most:
        ends += f", least {_named(many.least)}"
    untested = "Whether likeness rises with capability was not tested."
    return [question, f"{count}; {ends}.", many.trend or untested]


def _named(pair: Likeness) -> str:
    return f"{pair.a} and {pair.b} ({pair.with_interval})"
