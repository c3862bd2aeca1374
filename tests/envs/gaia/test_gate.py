"""Untaught, the simulated agent solves some of the embedded set; taught, most; and all of it can be solved."""

import asyncio

from envs.gaia.environment import Gaia
from envs.gaia.gate import measure
from fgo.sandbox import SandboxConfig


def test_teaching_all_lessons_is_worth_much_and_solutions_solve_everything(tmp_path):
    async def work():
        environment = Gaia(source="embedded", cache=str(tmp_path), sandbox=SandboxConfig(unguarded="allow"))
        await environment.prepare()
        try:
            return await measure(environment, "test", [0, 1])
        finally:
            await environment.close()

    rates = asyncio.run(work())
    assert set(rates.oracle.values()) == {1.0}
    assert 0.10 <= rates.untaught["all"] <= 0.35
    assert 0.70 <= rates.taught["all"] <= 0.95
