"""What prompts are filled with: short trajectories in which one lesson's lack shows, and others in which none does.

A benchmark's own simulated player acts, heeding every lesson but the one to be planted: so the mistakes are real ones in real
tasks, and the environment says what they cost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace

from envs.base import Environment
from fgo.agents.base import Sitting
from fgo.agents.react import ReAct
from fgo.journal import Journal
from fgo.llm.config import ModelConfig, Prices
from fgo.llm.model import Model
from fgo.llm.sim.rulebook import CARELESS, Rulebook
from fgo.llm.tokens import count_text
from fgo.llm.types import Caller, Message, Reply, Request
from fgo.rendering import render_trajectory
from fgo.types import Modules, SimulatedBenchmark, Status, Step, Task, Trajectory, Usage

_CUTS = (200, 800, 4000)  # characters of an observation: the shortest that still shows what is to be seen
_FILLER_CUTS = (800, 200)  # the longest that shows nothing
_PATIENCE = 50  # tasks in a row in which a lesson's lack does not show before no more are tried
_WINDOW = 10_000_000


@dataclass(frozen=True, slots=True)
class _Player:
    """A door behind which the benchmark's player sits."""

    benchmark: SimulatedBenchmark
    heeds: Callable[[str, str], bool]

    async def complete(self, request: Request, caller: Caller) -> Reply:
        return Reply(self.benchmark.act(request.messages, self.heeds), "stop", Usage())

    def count_tokens(self, messages: tuple[Message, ...]) -> int:
        return 0


@dataclass
class Supply:
    """planted: for each lesson, trajectories that show its lack; fillers: trajectories that show no rule's."""

    planted: dict[str, list[Trajectory]] = field(default_factory=dict)
    fillers: list[Trajectory] = field(default_factory=list)


async def collect(
    env: Environment, tasks: Sequence[Task], journal: Journal, *, each: int, filling: int, max_steps: int
) -> Supply:
    """Plays tasks in their order until there are `each` trajectories a lesson and others that fill a prompt of so many tokens,
    or no tasks are left."""
    benchmark = env.simulated()
    book = Rulebook([benchmark])
    supply = Supply({name: [] for name in book.lessons})
    filled = 0
    idle = dict.fromkeys(supply.planted, _PATIENCE)

    async def play(task: Task, lacking: str, cuts: Sequence[int]) -> Trajectory | None:
        played = await _played(env, task, benchmark, lacking, journal, max_steps)
        return _shortest(played, {lacking} if lacking else set(), book, cuts)

    for task in tasks:
        if filled < filling:
            found = await play(task, "", _FILLER_CUTS)
            if found is not None:
                supply.fillers.append(found)
                filled += count_text(render_trajectory(found, "T1"))
        for lesson in [lesson for lesson, left in idle.items() if left]:
            found = await play(task, lesson, _CUTS)
            if found is None:
                idle[lesson] -= 1
                continue
            supply.planted[lesson].append(found)
            idle[lesson] = _PATIENCE if len(supply.planted[lesson]) < each else 0
        if filled >= filling and not any(idle.values()):
            break
    return supply


async def _played(
    env: Environment, task: Task, benchmark: SimulatedBenchmark, lacking: str, journal: Journal, max_steps: int
) -> Trajectory:
    """A task played by a player that heeds every lesson but one, and no false rule."""
    known = {lesson.name for lesson in benchmark.lessons}

    def heeds(lesson: str, occasion: str) -> bool:
        return lesson in known and lesson != lacking and not lesson.endswith(CARELESS)

    config = ModelConfig("player", window=_WINDOW, max_output=4096, prices=Prices(0.0, 0.0))
    model = Model(_Player(benchmark, heeds), config, journal)
    modules = Modules(dict.fromkeys(env.seed_modules().texts, ""))
    episode = await env.open(task)
    try:
        sitting = Sitting("explore", {"task": task.id, "lacking": lacking}, 0)
        play = await ReAct(max_steps=max_steps).play(env, episode, modules, model, sitting)
        score = episode.score()
    finally:
        await episode.close()
    status = play.limited_by or (Status.WON if score.success else Status.LOST)
    return Trajectory(
        task.id, task.category, task.goal, modules.digest, play.opening, play.steps, status, score, Usage(), "", task.id
    )


def _shortest(played: Trajectory, wanted: Set[str], book: Rulebook, cuts: Sequence[int]) -> Trajectory | None:
    """The first end of a trajectory, observations cut, that shows exactly the wanted rules' lack; None where none does."""
    for cut in cuts:
        for kept in range(1, len(played.steps) + 1):
            steps = tuple(Step(step.reply, step.action, _cut(step.observation, cut)) for step in played.steps[-kept:])
            short = replace(played, opening=_cut(played.opening, cut), steps=steps)
            if book.shown(render_trajectory(short, "T1")).keys() == wanted:
                return short
    return None


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + " [...]"
