"""The files of a text model: what they say of it, and the hashes that identify it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from prh.encoders.text.tokens import TokenPool
from prh.encoders.weights.files import named
from prh.errors import ConfigError
from prh.ground.files import identity, sha256_of

DETERMINING = {".json", ".txt", ".model", ".py", ".tiktoken"}
"""Files beside the weights that embeddings depend on: settings, vocabularies, code."""
VOCABULARIES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "*.model")
PLACES = ("", "0_Transformer")
"""Where sentence-transformers keeps the transformer, now and in its first years."""
COUNTS = ("encoder_layers", "num_hidden_layers", "n_layer", "n_layers", "num_layers")
POSITIONS = ("n_positions", "max_position_embeddings")
ROTATED = "rope_theta", "rope_parameters", "rope_scaling", "rotary_pct", "rotary_dim"
"""Of models whose positions are rotations, which no table of them limits."""
RESERVED = 2
"""Positions that RoBERTa and its kin leave for padding."""
Dtype = Literal["auto", "fp32", "bf16"]
HALF = ("float16", "bfloat16")


@dataclass(frozen=True)
class TextFiles:
    """A text model whose files are at hand; how it is read is for subclasses to say.

    Attributes:
        name: As the config names it.
        folder: The model's files.
        source: Where they came from, for the record.
        device: Where it runs.
        instead_of: What was asked for, where that could not be had.
        dtype: Of its parameters while it runs; ``auto`` is bf16 on an accelerator for a model that is kept
            in half precision, else fp32.
        special_tokens: Whether averages over tokens take in those that stand for no text.
    """

    name: str
    folder: Path
    source: str
    device: str
    instead_of: str = ""
    dtype: Dtype = "fp32"
    special_tokens: bool = True

    @property
    def substitute(self) -> str:
        """What this is in place of the model that was asked for; empty where it is that model."""
        return f"{last_part(self.name)} instead" if self.instead_of else ""

    @property
    def label(self) -> str:
        """The last part of the name: what tables and figures call it; a substitute is called one."""
        return named(self.instead_of or last_part(self.name), self.substitute)

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the weights, or of their list where they are in several files."""
        files = sorted(self.folder.rglob("*.safetensors")) or sorted(self.folder.rglob("*.bin"))
        if not files:
            raise ConfigError("text.name", f"{self.folder} holds no *.safetensors or *.bin weights")
        hashes = [sha256_of(file) for file in files]
        return hashes[0] if len(hashes) == 1 else identity(*hashes)

    @property
    def fingerprint(self) -> str:
        """Identifies what its embeddings depend on but sentences and pooling: weights, tokenizer, dtype."""
        files = [file for file in sorted(self.folder.rglob("*")) if file.suffix in DETERMINING]
        other = {"dtype": "bf16"} if self.half else {}
        other |= {} if self.special_tokens else {"special_tokens": "left out"}
        parts = [sha256_of(file) for file in files]
        return identity(self.sha256, parts, other) if other else identity(self.sha256, parts)

    @cached_property
    def transformer(self) -> Path | None:
        """Where the transformer's files lie; None for a model that has none."""
        folders = [self.folder / place for place in PLACES]
        return next((folder for folder in folders if "model_type" in read_json(folder / "config.json")), None)

    @cached_property
    def config(self) -> dict[str, Any]:
        """What the transformer's makers say of its part for text."""
        if self.transformer is None:
            return {}
        whole = read_json(self.transformer / "config.json")
        return whole | (whole.get("text_config") or {})

    @property
    def half(self) -> bool:
        """Whether it runs in bf16."""
        kept_in = str(self.config.get("dtype", self.config.get("torch_dtype"))).removeprefix("torch.")
        auto = kept_in in HALF and not self.device.startswith("cpu")
        return self.dtype == "bf16" or (self.dtype == "auto" and auto)

    @cached_property
    def blocks(self) -> list[str]:
        """``tokens``, ``block1`` … of a transformer: what it holds before, and after each block."""
        if self.transformer is None:
            return []
        count = next((self.config[key] for key in COUNTS if self.config.get(key)), None)
        if count is None:
            from transformers import AutoConfig

            count = AutoConfig.from_pretrained(self.transformer).num_hidden_layers
        return ["tokens", *(f"block{number + 1}" for number in range(int(count)))]

    @property
    def pools(self) -> tuple[TokenPool, ...]:
        """The poolings of tokens that say something: the first token only where it is there to be read."""
        if self.transformer is None:
            return ("avg", "last", "cls")
        asked = ("tokenizer_config.json", "special_tokens_map.json")
        told = [read_json(self.transformer / name) for name in asked]
        first = any(one.get("cls_token") for one in told) or self.config.get("model_type") == "bert"
        return ("avg", "last", "cls") if first or not any(told) else ("avg", "last")

    @cached_property
    def limit(self) -> int | None:
        """How many tokens it reads of a sentence, special ones included; None for any number."""
        if self.transformer is None:
            return None
        own = read_json(self.transformer / "sentence_bert_config.json").get("max_seq_length")
        told = read_json(self.transformer / "tokenizer_config.json").get("model_max_length")
        limits = [int(own)] if own else []
        if told and told < 10**9:
            limits.append(int(told))
        elif not any(key in self.config for key in ROTATED):
            limits += [int(self.config[key]) - RESERVED for key in POSITIONS if self.config.get(key)]
        return min(limits, default=None)

    def lengths(self, sentences: Sequence[str]) -> list[int]:
        """Returns how many tokens sentences have, special ones included."""
        ids = self.tokenizer()(list(sentences), truncation=False, verbose=False)["input_ids"]
        return [len(one) for one in ids]

    def tokenizer(self) -> Any:
        """Loads the tokenizer.

        Raises:
            ConfigError: There is none that transformers can read.
        """
        from transformers import AutoTokenizer

        try:
            return with_padding(AutoTokenizer.from_pretrained(str(self.transformer), local_files_only=True))
        except Exception as error:  # files of any kind make readers fail in any way there is
            raise unreadable(self.folder, "tokenizer", error) from error


def with_padding(tokenizer: Any) -> Any:
    """Gives a tokenizer that has none a token to fill up short sentences with; masks leave it out."""
    if tokenizer.pad_token is None:
        any_token = tokenizer.eos_token or tokenizer.unk_token or tokenizer.convert_ids_to_tokens(0)
        tokenizer.pad_token = any_token
    return tokenizer


def unreadable(folder: Path, what: str, error: Exception) -> ConfigError:
    """Returns what is said of files that transformers cannot make a model of."""
    reason = " ".join(str(error).split())[:160] or type(error).__name__
    remedy = "Give the folder of a text model with its tokenizer, as save_pretrained leaves it"
    return ConfigError("text.name", f"the {what} in {folder} cannot be read ({reason})", remedy)


def read_json(path: Path) -> dict[str, Any]:
    """Returns what a settings file says; nothing where it is missing or says nothing."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def last_part(name: str) -> str:
    """Returns what a model is called for short."""
    return name.rstrip("/").split("/")[-1]
