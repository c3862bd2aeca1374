import asyncio
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from envs.alfworld.engine import GamePool, GameState
from envs.alfworld.engine.game import TextGame
from envs.alfworld.engine.game_file import read_game
from envs.base import EnvironmentFailure
from tests.envs.alfworld.engine.comparison import WEIRD
from tests.envs.alfworld.engine.worlds import room, write_game


@pytest.fixture
def games(tmp_path) -> list[Path]:
    return [write_game(tmp_path / str(seed), "move", room(seed)) for seed in range(3)]


def alone(path: Path, commands: list[str]) -> list[GameState]:
    game = TextGame(read_game(path))
    return [game.reset(), *(game.step(command) for command in commands)]


async def workers(pool: GamePool, path: Path, number: int) -> set[int]:
    """The process ids of the workers that `number` games open at once are in."""
    opened = [await pool.open(path) for _ in range(number)]
    pids = {game._worker._process.pid for game in opened}
    for game in opened:
        await game.close()
    return pids


def ended(pid: int) -> bool:
    """Whether a process is gone (or waits to be reaped) within some seconds."""
    for _ in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_many_games_at_once_each_play_as_they_do_alone(games):
    commands = [
        "look",
        "inventory",
        "go to desk 1",
        "open desk 1",
        "examine desk 1",
        "Look.",
        *WEIRD,
        "\ud800 look",
        "x" * 2**20,
    ]

    async def play(pool: GamePool, path: Path) -> list[GameState]:
        game = await pool.open(path)
        states = [await game.reset()]
        for command in commands:
            states.append(await game.step(command))
        await game.close()
        return states

    async def main() -> list[list[GameState]]:
        async with GamePool(workers=2) as pool:
            return await asyncio.gather(*(play(pool, path) for path in games * 4))

    expected = [alone(path, commands) for path in games]
    assert asyncio.run(main()) == expected * 4


def test_a_game_can_be_reset_and_played_again(games):
    async def main() -> None:
        async with GamePool(workers=1) as pool:
            game = await pool.open(games[0])
            opening = await game.reset()
            await game.step(next(command for command in opening.admissible_commands if command.startswith("go to")))
            assert await game.reset() == opening

    asyncio.run(main())


def test_games_spread_over_the_workers_and_no_more_workers_start_than_needed(games):
    async def main() -> None:
        async with GamePool(workers=2) as pool:
            assert len(await workers(pool, games[0], 1)) == 1
            assert len(await workers(pool, games[0], 7)) == 2
            assert len(pool._workers) == 2

    asyncio.run(main())


def test_a_worker_is_replaced_after_its_share_of_games_when_none_is_open_in_it(games):
    async def main() -> None:
        async with GamePool(workers=1, recycle_after=2) as pool:
            lasting = await pool.open(games[0])
            await lasting.reset()
            (first,) = await workers(pool, games[0], 1)
            (second,) = await workers(pool, games[0], 1)
            assert first != second
            assert (await lasting.step("look")).observation != "Nothing happens.", "its game goes on"
            await lasting.close()
            await (await pool.open(games[0])).close()
            assert ended(first)

    asyncio.run(main())


def test_a_crashed_worker_fails_its_open_games_and_is_replaced(games):
    async def main() -> None:
        async with GamePool(workers=1) as pool:
            game = await pool.open(games[0])
            await game.reset()
            pid = game._worker._process.pid
            os.kill(pid, signal.SIGSTOP)
            waiting = asyncio.create_task(game.step("look"))
            await asyncio.sleep(0)
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(EnvironmentFailure, match=f"worker {pid} has ended: exit status -9"):
                await waiting
            with pytest.raises(EnvironmentFailure, match=f"worker {pid} has ended"):
                await game.step("look")
            await game.close()
            again = await pool.open(games[0])
            assert await again.reset() == alone(games[0], [])[0]

    asyncio.run(main())


def test_a_file_that_can_not_be_played_fails_with_its_name_and_harms_no_other_game(games, tmp_path):
    bad = write_game(tmp_path / "bad", "move", room(1), grammar="action look {}")

    async def main() -> None:
        async with GamePool(workers=1) as pool:
            game = await pool.open(games[0])
            with pytest.raises(EnvironmentFailure, match=r"bad.*its grammar has 0 lines"):
                await pool.open(bad)
            with pytest.raises(EnvironmentFailure, match="nowhere"):
                await pool.open(tmp_path / "nowhere")
            assert (await game.reset()).observation

    asyncio.run(main())


def test_a_worker_that_says_what_nobody_asked_for_fails_its_askers(games, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("print('hello')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    async def main() -> None:
        async with GamePool(workers=1) as pool:
            with pytest.raises(EnvironmentFailure, match=r"has ended: .*JSONDecodeError"):
                await asyncio.wait_for(pool.open(games[0]), timeout=20)

    asyncio.run(main())


def test_files_of_the_folder_that_a_run_starts_in_do_not_shadow_the_workers_modules(games, tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise RuntimeError('the wrong json')")
    monkeypatch.chdir(tmp_path)

    async def main() -> None:
        async with GamePool(workers=1) as pool:
            assert (await (await pool.open(games[0])).reset()).observation

    asyncio.run(main())


def test_a_request_that_can_not_be_sent_fails_and_every_other_gets_its_own_answer(games):
    async def main() -> None:
        async with GamePool(workers=1) as pool:
            game = await pool.open(games[0])
            opening = await game.reset()
            with pytest.raises(EnvironmentFailure, match="udcff"):
                await pool.open(Path("no UTF-8: \udcff"))
            assert await asyncio.wait_for(game.reset(), timeout=20) == opening
            assert await game.step("inventory") == alone(games[0], ["inventory"])[1]

    asyncio.run(main())


def test_a_worker_that_does_not_answer_in_time_is_killed_and_replaced(games, monkeypatch):
    async def main() -> None:
        async with GamePool(workers=1) as pool:
            game, other = await pool.open(games[0]), await pool.open(games[1])
            pid = game._worker._process.pid
            monkeypatch.setattr("envs.alfworld.engine.pool._LONGEST_WAIT", 0.2)
            os.kill(pid, signal.SIGSTOP)
            asked = asyncio.gather(game.reset(), other.reset(), return_exceptions=True)
            for failure in await asyncio.wait_for(asked, timeout=20):
                assert isinstance(failure, EnvironmentFailure)
                assert re.search(rf"worker {pid} has ended: .*no answer for 0.2 s", str(failure))
            assert ended(pid)
            monkeypatch.undo()
            assert (await (await pool.open(games[0])).reset()).observation

    asyncio.run(main())


def test_a_cancelled_step_does_not_disturb_the_answers_of_others(games):
    async def main() -> None:
        async with GamePool(workers=1) as pool:
            one, two = await pool.open(games[0]), await pool.open(games[1])
            await one.reset()
            await two.reset()
            step = asyncio.create_task(one.step("look"))
            await asyncio.sleep(0)
            step.cancel()
            assert await two.step("inventory") == alone(games[1], ["inventory"])[1]
            with pytest.raises(asyncio.CancelledError):
                await step
            assert await one.step("inventory") == alone(games[0], ["look", "inventory"])[2]

    asyncio.run(main())


def test_closing_twice_is_safe_and_nothing_works_afterwards(games):
    async def main() -> int:
        pool = GamePool(workers=1)
        game, other = await pool.open(games[0]), await pool.open(games[0])
        pid: int = game._worker._process.pid
        await other.close()
        await other.close()
        with pytest.raises(EnvironmentFailure, match="game is closed"):
            await other.reset()
        await pool.close()
        await pool.close()
        with pytest.raises(EnvironmentFailure, match="closed"):
            await game.reset()
        with pytest.raises(EnvironmentFailure, match="closed"):
            await pool.open(games[0])
        await game.close()
        return pid

    assert ended(asyncio.run(main()))


def test_a_pool_that_was_never_used_closes():
    asyncio.run(GamePool(workers=3).close())


@pytest.mark.parametrize("counts", [{"workers": 0}, {"workers": 1, "recycle_after": 0}])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(ValueError, match="at least 1"):
        GamePool(**counts)


def test_relative_paths_are_of_the_folder_that_open_is_called_in(games, monkeypatch):
    async def main() -> None:
        async with GamePool(workers=1) as pool:
            await pool.open(games[0])
            monkeypatch.chdir(games[1].parent)
            game = await pool.open(Path("game.tw-pddl"))
            assert await game.reset() == alone(games[1], [])[0]

    asyncio.run(main())


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_workers_end_with_a_parent_that_is_killed(games):
    script = f"""
        import asyncio, os, signal
        from pathlib import Path
        from envs.alfworld.engine import GamePool

        async def main():
            pool = GamePool(workers=2)
            games = [await pool.open(Path({str(games[0])!r})) for _ in range(2)]
            print(*(game._worker._process.pid for game in games), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    assert all(ended(pid) for pid in pids)


def test_playing_leaves_the_parents_arguments_and_output_alone(games, capfd):
    before = sys.argv, sys.stdout, dict(os.environ)

    async def main() -> None:
        async with GamePool(workers=1) as pool:
            await (await pool.open(games[0])).reset()

    asyncio.run(main())
    assert (sys.argv, sys.stdout, dict(os.environ)) == before
    assert capfd.readouterr() == ("", "")
