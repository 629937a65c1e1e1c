"""Tested claims as tables."""

from collections.abc import Sequence
from pathlib import Path

from prh.findings.tables import columns_and_rows, write_csv
from prh.ground.numbers import plain
from prh.study.claim import Claim

PART_COLUMNS = ["number", "claim", "what", "value", "low", "high"]


def write_claims(claims: Sequence[Claim], folder: Path) -> None:
    """Writes ``claims.csv``, a row each, and ``claims_by_layer.csv``, the numbers behind them."""
    rows = [{**claim.record(), "measured": plain(claim.measured)} for claim in claims]
    write_csv(folder / "claims.csv", *columns_and_rows(rows))
    parts = [list(record.values()) for claim in claims for record in claim.part_records()]
    write_csv(folder / "claims_by_layer.csv", PART_COLUMNS, parts)
