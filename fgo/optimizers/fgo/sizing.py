"""How many subsets it takes that a subset's trajectories fill an optimizer prompt of about so many tokens, and no more.

This project's own idea, behind `subset_tokens`: the number of subsets follows from what a model reads well.
"""

from __future__ import annotations

from collections.abc import Sequence

from fgo.llm.tokens import count_text
from fgo.optimizers.base import Lab, Misconfigured
from fgo.rendering import render_trajectory
from fgo.types import Modules, Task


async def subsets_of(tokens: int, tasks: Sequence[Task], seed: Modules, lab: Lab) -> int:
    """The number of subsets, 1 to one a task. Looks at the unoptimized agent's trajectories, which costs one exploration of
    all tasks (and the subsets' first epoch asks the same, which a cache answers).

    Raises Misconfigured where the allowance does not pay for that look.
    """
    if not lab.affords(len(tasks)):
        raise Misconfigured(
            f"the allowance is too small to see how long {len(tasks)} tasks' trajectories are; set optimizer.subsets instead"
        )
    trajectories = await lab.within(divide="tokens").explore(seed, tasks)
    total = sum(count_text(render_trajectory(trajectory, "T1")) for trajectory in trajectories)
    return max(1, min(len(tasks), -(-total // tokens)))
