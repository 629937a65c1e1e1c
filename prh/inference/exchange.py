"""Which stimuli may take each other's place under the null."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, prod
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from prh.inference.blocks import group_orders
from prh.inference.design import Design, Labels

Orders = NDArray[np.int64]
FEWEST = 5
"""Fewer recordings have too few ways to change places for p to fall below 5% with any ease."""


KEPT_TOGETHER = 2000
"""Of more stimuli, all are moved on along a random order, which takes copies apart."""


class NotExchangeable(ValueError):
    """No stimulus may take another's place, so there is no null."""


@dataclass(frozen=True)
class Exchange:
    """How stimuli are permuted; freely where nothing is given.

    Attributes:
        within: Only stimuli with the same number take each other's place, N integers.
        sequence: All N stimuli in the order in which they were recorded. They move on along it, all by as
            many places, so that neighbours in time stay neighbours; with ``within``, the stimuli of each
            number move on among themselves. Cyclic shifts are a group, so p is exact but for the one break
            where the end meets the beginning (Harris 2020).
        whole: The recording that each stimulus is part of, N integers, all of as many stimuli and each one
            stretch of ``sequence``. Recordings then change places whole: moved on along all of them, their
            ends would not meet, and representations that keep recordings apart would seem alike.
        copies: Stimuli with the same number are nearly the same, N integers; they move together, onto as many
            that are.
    """

    within: Labels | None = None
    sequence: Labels | None = None
    whole: Labels | None = None
    copies: Labels | None = None

    @classmethod
    def of(cls, design: Design, within: Literal["classes", "groups"] | None = None) -> Exchange:
        """Returns how stimuli may be permuted: within classes or groups if asked, else as they were recorded.

        Recordings of equal length, where they are five or more, change places whole; others are one sequence.
        Up to :data:`KEPT_TOGETHER` stimuli, copies stay together.

        Raises:
            NotExchangeable: The stimuli have no such classes or groups.
        """
        labels = None if within is None else getattr(design, within)
        if within is not None and labels is None:
            raise NotExchangeable(f"these stimuli have no {within} to be permuted within")
        if within is None and design.sequence is not None and design.groups is not None:
            stretches = _stretches(np.asarray(design.sequence), np.asarray(design.groups))
            if stretches is not None and len(stretches) >= FEWEST:
                return cls(sequence=design.sequence, whole=design.groups)
        few = design.copies is not None and len(design.copies) <= KEPT_TOGETHER
        if within is None and design.sequence is None and few:
            return cls(copies=design.copies)
        return cls(labels, design.sequence)

    @property
    def free(self) -> bool:
        """Whether any stimulus may take any other's place."""
        return self.within is None and self.sequence is None and self.copies is None

    def orders(self, n_stimuli: int, n: int, seed: int) -> tuple[Orders, bool]:
        """Returns permutations of the stimuli and whether they are all that there are, the identity aside.

        Args:
            n_stimuli: How many there are.
            n: How many permutations to draw; where no more exist, each once.
            seed: Of the generator.

        Returns:
            K×N orders, K ≤ n, and whether they are all.

        Raises:
            NotExchangeable: There is none but the identity.
            ValueError: ``within`` or ``sequence`` is not one number for each stimulus.
        """
        for labels in (self.within, self.sequence, self.whole, self.copies):
            if labels is not None and np.shape(labels) != (n_stimuli,):
                raise ValueError(f"there are {n_stimuli} stimuli, but {np.shape(labels)} numbers for them")
        if self.free:
            everything = n_stimuli < 20 and factorial(n_stimuli) <= n
            return permutation_orders(n_stimuli, n, seed), everything
        if self.copies is not None:
            return group_orders(self.copies, n, seed), False
        if self.whole is not None:
            return self._whole(n, seed)
        members = self._members(n_stimuli)
        ways = prod((factorial if self.sequence is None else int)(len(some)) for some in members)
        if ways == 1:
            raise NotExchangeable(
                "every stimulus is alone in its class or group: there is nothing to permute"
            )
        if ways - 1 <= n:
            return self._all(members, n_stimuli), True
        if self.sequence is None:
            return _drawn(members, n_stimuli, n, seed), False
        return _shifted(members, n_stimuli, n, ways, seed), False

    def _whole(self, n: int, seed: int) -> tuple[Orders, bool]:
        """Returns the orders in which recordings have changed places."""
        assert self.sequence is not None
        sequence = np.asarray(self.sequence)
        stretches = _stretches(sequence, np.asarray(self.whole))
        if stretches is None:
            raise ValueError("recordings change places only if each is one stretch, and all are equally long")
        places, exact = Exchange().orders(len(stretches), n, seed)
        orders = np.empty((len(places), len(sequence)), dtype=np.int64)
        orders[:, sequence] = stretches[places].reshape(len(places), -1)
        return orders, exact

    def _members(self, n_stimuli: int) -> list[Labels]:
        """Returns who may take each other's place, in the order of the sequence."""
        line = np.arange(n_stimuli) if self.sequence is None else np.asarray(self.sequence)
        if self.within is None:
            return [line]
        labels = np.asarray(self.within)[line]
        return [line[labels == label] for label in np.unique(labels)]

    def _all(self, members: Sequence[Labels], n_stimuli: int) -> Orders:
        """Returns every permutation but the identity, which comes first."""
        if self.sequence is None:
            choices = [np.array(list(permutations(some))) for some in members]
        else:
            choices = [np.stack([np.roll(some, -step) for step in range(len(some))]) for some in members]
        orders = np.empty((prod(map(len, choices)), n_stimuli), dtype=np.int64)
        for row, chosen in zip(orders, product(*choices), strict=True):
            for some, taken in zip(members, chosen, strict=True):
                row[some] = taken
        return orders[1:]


def _stretches(sequence: Labels, recordings: Labels) -> Labels | None:
    """Returns the stimuli of each recording in their sequence, R×L; None if they are not R stretches of L."""
    found = recordings[sequence]
    starts = np.flatnonzero(np.append(True, found[1:] != found[:-1]))
    whole = len(starts) == len(np.unique(found)) and len(sequence) % len(starts) == 0
    if not whole or (np.diff(starts) != len(sequence) // len(starts)).any():
        return None
    return sequence.reshape(len(starts), -1)


FREE = Exchange()
"""Any stimulus may take any other's place."""


def permutation_orders(n: int, n_permutations: int, seed: int) -> Orders:
    """Returns random permutations of ``n`` stimuli, K×N; where they are few, all but the identity.

    Args:
        n: Number of stimuli.
        n_permutations: How many; if n! is no more than that, all are enumerated.
        seed: Of the generator.
    """
    if n < 20 and factorial(n) <= n_permutations:
        return np.array(list(permutations(range(n)))[1:], dtype=np.int64)
    generator = np.random.default_rng(seed)
    return np.array([generator.permutation(n) for _ in range(n_permutations)], dtype=np.int64)


def _drawn(members: Sequence[Labels], n_stimuli: int, n: int, seed: int) -> Orders:
    generator = np.random.default_rng(seed)
    orders = np.empty((n, n_stimuli), dtype=np.int64)
    for row in orders:
        for some in members:
            row[some] = generator.permutation(some)
    return orders


def _shifted(members: Sequence[Labels], n_stimuli: int, n: int, ways: int, seed: int) -> Orders:
    """Returns ``n`` ways to move each line of stimuli on along itself."""
    generator = np.random.default_rng(seed)
    orders = np.empty((n, n_stimuli), dtype=np.int64)
    # Lines move by the digits of a number in mixed radix: numbers drawn once are ways drawn once.
    some_ways = 1 + generator.choice(ways - 1, n, replace=False) if ways < 2**31 else None
    for line in members:
        size = len(line)
        if some_ways is None:
            steps = generator.integers(0, size, n)
        else:
            some_ways, steps = np.divmod(some_ways, size)
        orders[:, line] = line[(np.arange(size) + steps[:, None]) % size]
    return orders
