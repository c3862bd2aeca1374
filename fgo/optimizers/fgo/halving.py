"""Successive halving over subsets (Jamieson and Talwalkar 2016, arXiv 1502.07943, applied to subsets by this project).

After each epoch only the better half of the subsets goes on; the others keep what they found and are merged with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fgo.concurrency import together
from fgo.optimizers.base import Lab
from fgo.optimizers.improve import Candidate, ImproveConfig, improve
from fgo.types import Task


async def halve(
    start: Candidate, subsets: Sequence[Sequence[Task]], lab: Lab, config: ImproveConfig, aside: int
) -> list[Candidate]:
    """One candidate a subset, in their order. `aside`: episodes that are to stay affordable afterwards."""
    found = [start] * len(subsets)
    going = list(range(len(subsets)))
    one = replace(config, epochs=1)
    idle = 0
    for epoch in range(config.epochs):
        tasks = sum(len(subsets[index]) for index in going)
        here = lab.within(lab.share(tasks + len(going) * lab.validation_size, aside), round=epoch)
        if idle >= config.patience or not here.affords(tasks + len(going) * lab.validation_size):
            break
        improved = await together(
            improve(found[index], subsets[index], here.within(len(subsets[index]) / tasks, subset=index), one, epoch)
            for index in going
        )
        changed = [
            new.modules.digest != found[index].modules.digest for index, new in zip(going, improved, strict=True)
        ]
        idle = 0 if any(changed) else idle + 1
        for index, candidate in zip(going, improved, strict=True):
            found[index] = candidate
        going = sorted(going, key=lambda index: (-found[index].validation.mean, index))[: -(-len(going) // 2)]
    return found
