"""What an optimizer may spend: one unit that means the same for every optimizer, divided among its parts beforehand.

Unlike the run's hard budget (fgo/llm/budget.py), which stops a run, an allowance is a rule of the game: an optimizer that has
used it up returns the best it has. It counts what the uncached run costs, so a resumed or cached run plays by the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fgo.types import Usage

Unit = Literal["none", "episodes", "tokens", "dollars"]


@dataclass(frozen=True, slots=True)
class AllowanceConfig:
    """unit: none (each method's own schedule decides), episodes of training and validation, tokens or dollars of all
    calls made while optimizing. amount: how many of them."""

    unit: Unit = "none"
    amount: float = 0.0

    def __post_init__(self) -> None:
        if self.unit != "none" and self.amount <= 0:
            raise ValueError(f"allowance.amount={self.amount}: expected a positive number of {self.unit}")


class Allowance:
    """A running account. A part's spending is also its parent's, but a part can never use another part's share."""

    def __init__(self, unit: Unit, limit: float, parent: Allowance | None = None) -> None:
        self.unit, self.limit, self.spent, self._parent = unit, limit, 0.0, parent

    @staticmethod
    def of(config: AllowanceConfig) -> Allowance:
        return Allowance(config.unit, float("inf") if config.unit == "none" else config.amount)

    @property
    def left(self) -> float:
        return max(0.0, self.limit - self.spent)

    def part(self, share: float) -> Allowance:
        """An account over a share (0 to 1) of what is left now, in whole units where units are whole."""
        portion = self.left * share
        if self.unit in ("episodes", "tokens") and portion != float("inf"):
            portion = float(int(portion))
        return Allowance(self.unit, portion, self)

    def share(self, work: int, aside: int) -> float:
        """The part of what is left that may go into `work` episodes when `aside` episodes must stay affordable after it.

        Under tokens or dollars, whose price per episode is known only afterwards: in proportion to the episodes.
        """
        if self.unit == "none" or aside == 0:
            return 1.0
        if self.unit == "episodes":
            return max(0.0, self.left - aside) / self.left if self.left else 0.0
        return work / (work + aside)

    def affords(self, episodes: int) -> bool:
        """Under "episodes": that many; under tokens or dollars, whose price is known only afterwards: anything at all."""
        return episodes <= self.left if self.unit == "episodes" else self.left > 0

    def spend(self, episodes: int, usage: Usage) -> None:
        amounts = {"none": 0.0, "episodes": episodes, "tokens": usage.tokens, "dollars": usage.dollars}
        account: Allowance | None = self
        while account is not None:
            account.spent += amounts[self.unit]
            account = account._parent
