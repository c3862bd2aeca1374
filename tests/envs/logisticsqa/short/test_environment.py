from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from envs.logisticsqa.environment import LogisticsQA
from envs.logisticsqa.short.environment import ShortLogisticsQA

SIZES = {"source": "generated", "generated_train": 40, "generated_validation": 20, "generated_test": 20}


def test_its_tasks_are_the_short_ones_in_the_same_order_and_are_nested(tmp_path: Path) -> None:
    async def whole() -> None:
        every = LogisticsQA(**SIZES, cache=str(tmp_path))  # type: ignore[arg-type]
        short = ShortLogisticsQA(**SIZES, cache=str(tmp_path), max_bytes=8000)  # type: ignore[arg-type]
        for env in (every, short):
            await env.prepare()
        try:
            ids = [task.id for task in every.tasks("train", None, 3)]
            some = [task.id for task in short.tasks("train", None, 3)]
            assert 5 < len(some) < len(ids)
            assert some == [id for id in ids if id in set(some)]
            assert [task.id for task in short.tasks("train", 3, 3)] == some[:3]
            sizes = {path.stem: path.stat().st_size for path in tmp_path.rglob("train/*.xml")}  # noqa: ASYNC240
            assert len(sizes) == len(ids)
            assert max(sizes[id] for id in some) <= 8000 < min(sizes[id] for id in set(ids) - set(some))
            with pytest.raises(ValueError, match=r"of at most 8,000 bytes \(env\.max_bytes\)"):
                short.tasks("train", len(some) + 1, 3)
            task = short.tasks("train", 1, 3)[0]
            episode = await short.open(task)
            await episode.reset()
            for action in short.solution(task) or ():
                await episode.step(action)
            assert episode.score().success
            await episode.close()
        finally:
            for env in (every, short):
                await env.close()

    asyncio.run(whole())


def test_an_impossible_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"env\.max_bytes=0"):
        ShortLogisticsQA(max_bytes=0)
