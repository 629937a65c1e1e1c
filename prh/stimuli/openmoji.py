"""OpenMoji (HfG Schwäbisch Gmünd, CC BY-SA 4.0): pictures named in many languages, drawn by others too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from prh.ground.files import identity
from prh.ground.progress import Reporter
from prh.ground.values import SETTINGS, Count, Name, Side
from prh.stimuli.captions import several
from prh.stimuli.cldr import languages, said_in
from prh.stimuli.drawings import Drawings
from prh.stimuli.emojis import LANGUAGES, Picture, load_pictures
from prh.stimuli.hands import HANDS, DrawnBy, Hand
from prh.stimuli.images import LazyImages
from prh.stimuli.stems import stem_groups
from prh.stimuli.stimulus_set import StimulusSet, no_training_data, require_enough


@dataclass(frozen=True, config=SETTINGS)
class OpenMoji:
    """Pictures and their names: no skin tones, no flags, each name once; those of one stem are a group.

    Attributes:
        n: How many of them; None for all.
        named_by: Whose names: ``emoji``, a Python package, one each; ``cldr``, Unicode's, with keywords, in
            more languages.
        language: Of the names.
        size: Pixels of a side.
        drawn_by: Whose drawings of them are shown.
        also_drawn_by: Who drew them too, for what networks share with themselves on other drawings.
        also_named_in: Another language, for what readers share with themselves on other names.
    """

    n: Count | None = None
    named_by: Literal["emoji", "cldr"] = "emoji"
    language: Name = "en"
    size: Side = 224
    drawn_by: DrawnBy = "openmoji"
    also_drawn_by: DrawnBy | None = None
    also_named_in: Name | None = None

    @field_validator("language", "also_named_in")
    @classmethod
    def _one_there_is(cls, language: str | None, info: ValidationInfo) -> str | None:
        known = list(languages()) if info.data.get("named_by") == "cldr" else list(LANGUAGES)
        if language is not None and language not in known:
            more = "" if len(known) > len(LANGUAGES) else "; more with dataset.named_by=cldr"
            raise ValueError(f"there are no names in {language}, but in {', '.join(known)}{more}")
        return language

    def draw(self, seed: int, data_dir: Path, report: Reporter) -> StimulusSet:
        """Returns the sample, drawing pictures that were never drawn in this size.

        Raises:
            ConfigError: There are fewer pictures than ``n``, or they cannot be kept.
            PrhError: Another hand's drawings, or Unicode's names, cannot be fetched.
        """
        named_in = self.also_named_in or self.language
        pictures = self._named(sorted({self.language, named_in}), data_dir, report)
        hands = [HANDS[hand].load(data_dir, report) for hand in (self.drawn_by, self.also_drawn_by) if hand]
        full = self._shown(pictures, self.language, hands[0], data_dir, report)
        if self.also_drawn_by or self.also_named_in:
            full = replace(full, again=self._shown(pictures, named_in, hands[-1], data_dir, report))
        there = [all(hand.has(picture.codes) for hand in hands) for picture in pictures]
        full = full.at(np.flatnonzero(there))
        _, firsts = np.unique(full.captions or (), return_index=True)
        full = full.at(np.sort(firsts))
        require_enough(self.n, full)
        return full.sample(self.n or len(full), seed)

    def _named(self, named_in: Sequence[str], data_dir: Path, report: Reporter) -> list[Picture]:
        """Returns all pictures that have names in some languages."""
        if self.named_by == "emoji":
            return load_pictures(*named_in)
        said = {language: said_in(language, data_dir, report) for language in named_in}
        return [
            replace(
                picture,
                names={"en": picture.names["en"]} | {name: said[name][picture.codes][0] for name in named_in},
                keywords={name: said[name][picture.codes][1:] for name in named_in},
            )
            for picture in load_pictures()
            if all(picture.codes in words for words in said.values())
        ]

    training_data = held_out_data = no_training_data

    def _shown(
        self, pictures: Sequence[Picture], language: str, hand: Hand, data_dir: Path, report: Reporter
    ) -> StimulusSet:
        """Returns all pictures as one hand drew them, named in one language; others cannot be opened."""
        release = f"{hand.release}-emoji-{version('emoji')}-{self.size}px"
        drawings = Drawings(pictures, self.size, data_dir / release, report, hand.svgs)
        drawings.complete()
        groups = tuple(sorted({picture.group for picture in pictures}))
        return StimulusSet(
            name=f"openmoji/{language}",
            images=LazyImages(drawings.open, np.arange(len(pictures)), self.size),
            labels=np.array([groups.index(picture.group) for picture in pictures]),
            class_names=groups,
            ids=np.arange(len(pictures)),
            fingerprint=f"{release}-{identity([f'{picture.svg.stem}.png' for picture in pictures])}",
            source=hand.source,
            captions=tuple(picture.names[language] for picture in pictures),
            wordings=several(
                [(picture.names[language], *picture.keywords.get(language, ())) for picture in pictures]
            ),
            credit=hand.credit,
            groups=stem_groups([picture.names["en"] for picture in pictures]),
        )
