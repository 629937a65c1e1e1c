"""The sentences that names are put into before a text encoder reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.ground.values import SETTINGS, Count


@dataclass(frozen=True, config=SETTINGS)
class Captions:
    """Which captions of a stimulus are read where it has several.

    Attributes:
        use: ``first``; ``mean`` averages the embeddings of all; ``all`` reads them as one text.
        most: So many of each at most; None for all.
    """

    use: Literal["first", "mean", "all"] = "first"
    most: Count | None = None

    def of(self, wordings: Sequence[Sequence[str]]) -> list[list[str]]:
        """Returns what is read of each stimulus: one text, or several whose embeddings are averaged."""
        some = [list(captions[: self.most]) for captions in wordings]
        if self.use == "all":
            return [["; ".join(captions)] for captions in some]
        return [captions[:1] for captions in some] if self.use == "first" else some


@dataclass(frozen=True, config=SETTINGS)
class Prompt:
    """Templates, and definitions that stand for names.

    Attributes:
        templates: Each with one ``{}`` for the name, caption or definition; embeddings are averaged.
        definitions: What is put in place of a name; if there are any, every name needs one.
    """

    templates: Annotated[list[str], Field(min_length=1)]
    definitions: dict[str, str] = field(default_factory=dict)

    @field_validator("templates")
    @classmethod
    def _one_place_for_the_name(cls, templates: list[str]) -> list[str]:
        for template in templates:
            if template.count("{}") != 1:
                raise ValueError(
                    f"the template {template!r} needs exactly one {{}} for the name, like 'a photo of a {{}}'"
                )
        return templates

    def about(self, wordings: Sequence[Sequence[str]], how: Captions) -> list[list[str | None]]:
        """Returns one list of sentences per template and caption, a sentence for each stimulus.

        Args:
            wordings: The captions of each stimulus, one or several.
            how: Which of them are read.

        Returns:
            Lists of N, None where a stimulus has fewer captions than others; what is averaged for a stimulus
            are its sentences in all lists.

        Raises:
            ConfigError: There are definitions, but not of every caption.
        """
        chosen = how.of(wordings)
        found: list[list[str | None]] = []
        for place in range(max(map(len, chosen))):
            there = [place < len(captions) for captions in chosen]
            written = self.sentences([captions[place] for captions in chosen if place < len(captions)])
            for sentences in written:
                left = iter(sentences)
                found.append([next(left) if has else None for has in there])
        return found

    def sentences(self, names: Sequence[str]) -> list[list[str]]:
        """Returns one list of sentences per template, a sentence for each name.

        Raises:
            ConfigError: There are definitions, but not of every name.
        """
        undefined = [
            name for name in dict.fromkeys(names) if self.definitions and name not in self.definitions
        ]
        if undefined:
            raise ConfigError(
                "prompt.definitions",
                f"there is none of {', '.join(undefined[:5])}"
                + (f" and {len(undefined) - 5} more" if len(undefined) > 5 else ""),
                "Define every name, or use prompt=bare",
            )
        terms = [self.definitions.get(name, name) for name in names]
        return [[template.replace("{}", term) for term in terms] for template in self.templates]
