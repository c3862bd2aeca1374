"""A hard limit on what a run pays. Each call reserves the most it can cost before it is sent: none overshoots."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fgo.llm.config import BudgetConfig
from fgo.llm.types import NO_USAGE, BudgetExceeded
from fgo.types import Usage


class Budget:
    """What is spent and reserved of the limits. `spent` begins with what earlier sessions of the run paid.

    Exact where `most` is: a provider that counts more than that exceeds a limit by the difference, once per call in
    flight. A call that would fit once the calls in flight have cost less than they reserved waits for them.
    """

    def __init__(self, config: BudgetConfig, spent: Usage = NO_USAGE, calls: int = 0) -> None:
        self.config = config
        self._dollars, self._tokens, self._calls = spent.dollars, spent.tokens, calls
        self._reserved_dollars, self._reserved_tokens, self._reserved_calls = 0.0, 0, 0
        self._in_flight = 0
        self._settled: asyncio.Future[None] | None = None

    @property
    def limits_anything(self) -> bool:
        return not (self.config.dollars is None and self.config.tokens is None and self.config.calls is None)

    @asynccontextmanager
    async def reservation(self, most: Usage) -> AsyncIterator[None]:
        """Hold room for one call that costs at most `most`; what it does cost is booked by `spend` meanwhile.

        Raises BudgetExceeded where what is spent leaves no room for it.
        """
        while not self._fits(most, self._reserved_dollars, self._reserved_tokens, self._reserved_calls):
            if not self._in_flight or not self._fits(most, 0.0, 0, 0):
                raise BudgetExceeded(self._explain(most))
            if self._settled is None:
                self._settled = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._settled)
        self._change(most, +1)
        try:
            yield
        finally:
            self._change(most, -1)
            if self._settled is not None:
                self._settled.set_result(None)
                self._settled = None

    def _change(self, most: Usage, sign: int) -> None:
        self._in_flight += sign
        self._reserved_tokens += sign * most.tokens
        self._reserved_calls += sign
        self._reserved_dollars = self._reserved_dollars + sign * most.dollars if self._in_flight else 0.0

    def spend(self, paid: Usage, calls: int = 0) -> None:
        """Book what an attempt cost, and whether it finished a call."""
        self._dollars += paid.dollars
        self._tokens += paid.tokens
        self._calls += calls

    def _fits(self, most: Usage, dollars: float, tokens: int, calls: int) -> bool:
        limits = self.config
        return (
            (limits.dollars is None or self._dollars + dollars + most.dollars <= limits.dollars)
            and (limits.tokens is None or self._tokens + tokens + most.tokens <= limits.tokens)
            and (limits.calls is None or self._calls + calls + 1 <= limits.calls)
        )

    def _explain(self, most: Usage) -> str:
        limits, parts = self.config, []
        if limits.dollars is not None:
            spent, next_one = f"${self._dollars:.6f}", f"${most.dollars:.6f}"
            parts.append(f"budget.dollars={limits.dollars:g} (spent {spent}, next up to {next_one})")
        if limits.tokens is not None:
            parts.append(f"budget.tokens={limits.tokens} (spent {self._tokens}, next up to {most.tokens})")
        if limits.calls is not None:
            parts.append(f"budget.calls={limits.calls} (made {self._calls})")
        return (
            f"The next call could exceed the budget: {'; '.join(parts)}. Nothing is lost: raise the limit and give the "
            "same command again, it goes on here and pays for no finished call twice."
        )
