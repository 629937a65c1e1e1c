"""A study of how near vision models and language models are, of which one number is published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from prh.findings.comparison import Comparison
from prh.findings.findings import Findings
from prh.ground.numbers import number, significant
from prh.ground.values import SETTINGS
from prh.similarity.arrays import Array
from prh.similarity.distances import Distance
from prh.study.claim import FAILS, HOLDS, LEVEL, OPEN, Claim, Outcome, Part, Sentence
from prh.study.evidence import substitutes
from prh.study.gallery import falls, outlasts
from prh.study.written import write_claims

ALPHA = 0.05


@dataclass(frozen=True, config=SETTINGS)
class Alignment:
    """A study that compares all layers of vision models with all of language models, and reports the best.

    Attributes:
        most: The highest score that it reports of any two models.
        tolerance: How far above it an interval must lie to be a higher one.
    """

    most: Annotated[float, Field(ge=0, le=1)]
    tolerance: Annotated[float, Field(gt=0, le=1)]

    def claims(self, found: Findings) -> list[Claim]:
        """Tests what the study says, and what others found since, on this run's pair of model and text."""
        pair = next((c for c in found.comparisons if c.pair == "model_vs_text"), None)
        where = f"{pair.a} × {pair.b}, {found.asked.metric.name}" if pair else "no text encoder"
        about = ("model", "text")
        sentences = [
            Sentence(
                "1",
                "the model and the text model are aligned beyond chance",
                where,
                f"p of the best layers, corrected for their choice, is {ALPHA} or less",
                lambda: beyond_chance(_of(pair)),
                about,
            ),
            Sentence(
                "2",
                f"no two are aligned by more than about {self.most}",
                where,
                f"the {LEVEL:.0%} interval of the best layers ends at {self.most} + {self.tolerance} at most",
                lambda: self.no_higher(_of(pair)),
                about,
            ),
            Sentence(
                "3",
                "the same layers are less alike the more stimuli there are (Koepke et al. 2026)",
                where,
                "the interval of an eighth of the sample, or the least that will do, lies above that of all",
                lambda: falls(found.asked.metric, *_layers(found, pair)),
                about,
            ),
            Sentence(
                "4",
                "some likeness is left once chance is taken off (Gröger et al. 2026)",
                where,
                f"the {LEVEL:.0%} interval of the calibrated score of the last layers lies above 0",
                lambda: outlasts(_of(pair)),
                about,
            ),
        ]
        return [Claim.of(sentence, substitutes(found)) for sentence in sentences]

    def no_higher(self, pair: Comparison) -> Outcome:
        """Returns whether the best layers score no more than the study's best, by their interval."""
        best = _best(pair)
        end = self.most + self.tolerance
        verdict = HOLDS if best.high <= end else FAILS if best.low > end else OPEN
        return Outcome(verdict, _words(best, pair), [best])

    def write(self, found: Findings, output: Path) -> list[Claim]:
        """Writes ``study/claims.csv`` and ``study/claims_by_layer.csv``."""
        claims = self.claims(found)
        write_claims(claims, output / "study")
        return claims

    def drawn(self, distance: Distance) -> dict[str, str]:
        """Returns no figures: the study's are of many runs."""
        return {}


def beyond_chance(pair: Comparison) -> Outcome:
    """Returns whether the best layers score higher than the best of shuffled stimuli."""
    best, at = _best(pair), pair.grid.best_at
    assert at is not None  # of a pair with a best score
    p = float(pair.grid.p_corrected[at])
    return Outcome(HOLDS if p <= ALPHA else OPEN, f"{_words(best, pair)}; p {significant(p)}", [best])


def _of(pair: Comparison | None) -> Comparison:
    if pair is None:
        raise LookupError("there is no text encoder")
    return pair


def _layers(found: Findings, pair: Comparison | None) -> tuple[Array, Array]:
    """Returns the features of the best layers of both sides."""
    at = _of(pair).grid.best_at
    if pair is None or at is None:
        raise LookupError("no layers can be compared")
    model, text = (found.features[role] for role in ("model", "text"))
    return np.asarray(model[pair.grid.a[at[0]]]), np.asarray(text[pair.grid.b[at[1]]])


def _best(pair: Comparison) -> Part:
    at = pair.grid.best_at
    if at is None:
        raise LookupError("no layers can be compared")
    what = f"{pair.grid.a[at[0]]} × {pair.grid.b[at[1]]}"
    grid = pair.grid
    return Part(what, float(grid.scores[at]), float(grid.ci_low[at]), float(grid.ci_high[at]))


def _words(best: Part, pair: Comparison) -> str:
    fitted = pair.further.get("best.crossfit")
    return str(best) + ("" if fitted is None else f"; chosen on other stimuli {number(fitted)}")
