"""The sentences that names are put into before a text encoder reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Annotated

from pydantic import Field, field_validator
from pydantic.dataclasses import dataclass

from prh.errors import ConfigError
from prh.ground.values import SETTINGS


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
