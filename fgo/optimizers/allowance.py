"""What an optimizer may spend: one unit that means the same for every optimizer, divided among its parts beforehand.

Unlike the run's hard budget (fgo/llm/budget.py), which stops a run, an allowance is a rule of the game: an optimizer that has
used it up returns the best it has. It counts what the uncached run costs, so a resumed or cached run plays by the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fgo.types import Usage

Unit = Literal["none", "episodes", "tokens", "dollars"]
_ROUNDING = 1e-6  # what a product of shares may lack of a whole number; without it a part could lose a whole episode


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
    """A running account; a part's spending is also its parent's.

    Under "episodes" no part uses another's share. Tokens and dollars are known only once they are spent: there an episode is
    taken to cost what episodes have cost on average when the part was opened, so that a part may end somewhat above its share.
    """

    def __init__(self, unit: Unit, limit: float, parent: Allowance | None = None, price: float = 0.0) -> None:
        self.unit, self.limit, self.spent, self._parent = unit, limit, 0.0, parent
        self._price, self._episodes = price, 0

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
            portion = float(int(portion + _ROUNDING))
        return Allowance(self.unit, portion, self, self._price_now())

    def _price_now(self) -> float:
        """Units an episode has cost on average, all calls included."""
        if self.unit == "episodes":
            return 1.0
        return self.spent / self._episodes if self._episodes else self._price

    def share(self, work: int, aside: int) -> float:
        """The part of what is left that may go into `work` episodes when `aside` episodes must stay affordable after it.

        At what an episode has cost so far; before any has, in proportion to the episodes.
        """
        if self.unit == "none" or aside == 0:
            return 1.0
        price = self._price_now()
        if not price:
            return work / (work + aside)
        return max(0.0, self.left - aside * price) / self.left if self.left else 0.0

    def affords(self, episodes: int) -> bool:
        """Whether that many episodes fit what is left, at what an episode has cost so far; with nothing left, nothing does."""
        if self.unit == "none":
            return True
        return self.left > 0 and episodes * self._price_now() <= self.left

    def spend(self, episodes: int, usage: Usage) -> None:
        amounts = {"none": 0.0, "episodes": episodes, "tokens": usage.tokens, "dollars": usage.dollars}
        account: Allowance | None = self
        while account is not None:
            account.spent += amounts[self.unit]
            account._episodes += episodes
            account = account._parent
