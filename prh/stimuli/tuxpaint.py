"""Tux Paint's stamps (GPL-2): pictures that have a caption in many languages, and are spoken of in some."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.ground.files import identity
from prh.ground.progress import Reporter
from prh.ground.values import SETTINGS, Count, PathText, Side
from prh.stimuli.dependence import joined
from prh.stimuli.folders import numbered
from prh.stimuli.images import LazyImages
from prh.stimuli.names import plain
from prh.stimuli.speech import HOW, LONGEST_S
from prh.stimuli.stamps import Recordings, Stamp, drawing, sharing_none, stamps_in
from prh.stimuli.stems import stem_groups
from prh.stimuli.stimulus_set import StimulusSet, no_training_data, require_enough
from prh.stimuli.tuxpaint_files import Stamps, stamps_at_hand

Spoken = Literal["fr", "ru", "ro", "bg", "ca", "es", "be", "el", "da"]
"""Languages in which three hundred captions and more are read aloud."""
# fmt: off
Written = Literal[
    "ach", "af", "am", "an", "ar", "ast", "be", "bg", "ca", "ca@valencia", "cs", "da", "de", "el", "en",
    "en_AU", "en_GB", "eo", "es", "eu", "ff", "fi", "fr", "ga", "gd", "gl", "gu", "he", "hi", "hr", "hu",
    "hy", "id", "is", "it", "iu", "ja", "ka", "km", "ko", "lv", "ml", "ms", "nb", "nl", "nn", "pl", "pt",
    "pt_BR", "ro", "ru", "sk", "sl", "son", "sq", "sr", "sr@latin", "sv", "th", "tr", "uk", "vec", "vi",
    "zh_CN", "zh_TW", "zu",
]
"""Languages in which six hundred captions and more are written."""
# fmt: on
CREDIT = "Pictures and recordings: Tux Paint Stamps, © Bill Kendrick and contributors, GPL-2"
SYMBOLS = "symbols"
"""The folder of letters, digits, coins, notes and signs."""


@dataclass(frozen=True, config=SETTINGS)
class TuxPaint:
    """Stamps with a caption and its recording: each caption once; those of one stem are a group.

    Attributes:
        n: How many of them; None for all.
        language: Of the captions.
        speech: Of the recordings; None for the language of the captions.
        series: Whether recordings are of one series, made by one program and so, as a rule, one voice, the
            largest; or all, whose voices then tell some categories apart.
        words: All captions, or those that share no word, since what is called alike sounds alike.
        symbols: Whether letters, digits, money and signs are among them.
        folders: How many levels of folders a class is: one for animals, two for birds.
        size: Pixels of a side.
        path: A folder of stamps of one's own; None for the package's.
    """

    n: Count | None = None
    language: Written = "fr"
    speech: Annotated[Spoken | None, Field(validate_default=True)] = None
    series: Literal["one", "all"] = "one"
    words: Literal["all", "distinct"] = "all"
    symbols: bool = False
    folders: Annotated[int, Field(ge=1, le=9)] = 1
    size: Side = 224
    path: PathText | None = None

    @field_validator("speech")
    @classmethod
    def _of_the_captions(cls, speech: str | None, info: ValidationInfo) -> Any:
        language, spoken = info.data.get("language"), get_args(Spoken)
        if speech is None and language is not None and language not in spoken:
            raise ValueError(
                f"is needed, since no captions are read aloud in {language}: {', '.join(spoken)}"
            )
        return speech or language

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample, fetching the stamps and decoding what is said of them if need be.

        Raises:
            ConfigError: The stamps cannot be had or kept, a library is missing, or there are fewer stamps
                than ``n``.
        """
        at_hand = stamps_at_hand(self.path, data_dir, report)
        stamps = stamps_in(at_hand)
        spoken = Recordings.of(stamps, at_hand, str(self.speech), data_dir, report)
        rows = self._chosen(stamps, spoken, report)
        full = self._stimuli(stamps, rows, spoken, at_hand)
        require_enough(self.n, full)
        return full.sample(self.n or len(full), seed)

    training_data = held_out_data = no_training_data

    def _chosen(self, stamps: list[Stamp], spoken: Recordings, report: Reporter) -> NDArray[np.int64]:
        """Returns which stamps are shown, ascending, and says in one line what is left out.

        Raises:
            ConfigError: None is.
        """
        wanted = [row for row, stamp in enumerate(stamps) if self.symbols or stamp.within(1) != SYMBOLS]
        written = [row for row in wanted if stamps[row].captions.get(self.language)]
        told = [row for row in written if spoken.heard[row]]
        alike = [row for row in told if self.series == "all" or spoken.usual[row]]
        _, firsts = np.unique([stamps[row].captions[self.language] for row in alike], return_index=True)
        once = [alike[first] for first in np.sort(firsts)]
        rows = np.array(once, dtype=np.int64)
        if self.words == "distinct":
            rows = rows[sharing_none([stamps[row].captions[self.language] for row in once])]
        if not len(rows):
            problem = f"no stamp has a caption in {self.language} that is read aloud in {self.speech}"
            raise ConfigError("dataset.language", problem, "Use another language, or another dataset.path")
        symbols = "" if self.symbols else " (without letters, digits, money and signs: dataset.symbols=true)"
        left_out = {
            f"without a caption in {self.language}": len(wanted) - len(written),
            f"without one read aloud in {self.speech}": len(written) - len(told),
            "recorded in another series (dataset.series=all)": len(told) - len(alike),
            "with the caption of another": len(alike) - len(once),
            "with a word of another (dataset.words=distinct)": len(once) - len(rows),
        }
        parts = ", ".join(f"{count} {why}" for why, count in left_out.items() if count) or "none"
        cut = spoken.longer[rows].sum()
        tail = f"; {cut} recordings are cut to {LONGEST_S:g} s" if cut else ""
        report.note(f"{len(rows)} of {len(wanted)} stamps{symbols}: left out are {parts}{tail}")
        return rows

    def _stimuli(
        self, stamps: list[Stamp], rows: NDArray[np.int64], spoken: Recordings, at_hand: Stamps
    ) -> StimulusSet:
        labels, classes = numbered([stamps[row].within(self.folders) for row in rows])
        signals = spoken.signals(rows)
        contents = [[at_hand.sums[stamp.picture], spoken.contents[row]] for row, stamp in enumerate(stamps)]
        heard = np.unique([spoken.contents[row] for row in rows], return_inverse=True)[1]
        return StimulusSet(
            name=f"tuxpaint/{self.language}" + ("" if self.speech == self.language else f"+{self.speech}"),
            images=LazyImages(
                lambda row: drawing(at_hand.folder / stamps[row].picture, self.size), rows, self.size
            ),
            labels=labels,
            class_names=classes,
            ids=rows,
            # What signals of one recording are padded to may matter to whoever reads them.
            fingerprint=f"tuxpaint-{self.speech}-{self.size}px-{identity(contents, HOW, signals.shape[1])}",
            source=at_hand.source,
            captions=tuple(stamps[row].captions[self.language] for row in rows),
            credit=CREDIT,
            signals=signals,
            names=tuple(plain(stamps[row].name) for row in rows),
            groups=joined(stem_groups([stamps[row].bare for row in rows]), heard),
        )
