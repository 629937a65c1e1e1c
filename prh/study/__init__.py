"""A published study's sentences as numbers with verdicts, and its figures by the names it gave them.

Every verdict comes from an interval or a test, and the rule behind it stands beside its number, so that a
reader may disagree.
"""

from prh.study.alignment import Alignment
from prh.study.claim import Claim, Part, combined, number_of, tally
from prh.study.study import Study
from prh.study.told import Told

__all__ = ["Alignment", "Claim", "Part", "Study", "Told", "combined", "number_of", "tally"]
