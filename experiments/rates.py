"""What an episode takes, low and high: measured on runs of the same environment and agent, else assumed; and on what ground."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from omegaconf import OmegaConf

from experiments.samples import Sample, agent_of
from experiments.settings import Settings, telling
from fgo.types import Usage


@dataclass(frozen=True, slots=True)
class Range:
    """A low and a high figure."""

    low: float
    high: float

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high)

    def times(self, other: Range) -> Range:
        return Range(self.low * other.low, self.high * other.high)

    def at_most(self, limit: float) -> Range:
        return Range(min(self.low, limit), min(self.high, limit))

    @staticmethod
    def over(values: Sequence[float]) -> Range:
        return Range(min(values), max(values))


NOTHING = Range(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Work:
    """Calls and their tokens: of one episode, or of many."""

    calls: Range = NOTHING
    prompt: Range = NOTHING
    cached: Range = NOTHING
    completion: Range = NOTHING

    def __add__(self, other: Work) -> Work:
        return Work(
            self.calls + other.calls,
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.completion + other.completion,
        )

    def times(self, factor: Range) -> Work:
        return Work(*(part.times(factor) for part in (self.calls, self.prompt, self.cached, self.completion)))

    def usage(self, high: bool) -> Usage:
        """The tokens at one end of the range; at the high one nothing is taken to be cached by the provider."""
        if high:
            return Usage(round(self.prompt.high), 0, round(self.completion.high))
        return Usage(
            round(self.prompt.low), min(round(self.cached.low), round(self.prompt.low)), round(self.completion.low)
        )


NO_WORK = Work()


@dataclass(frozen=True, slots=True)
class Rates:
    """What a plan takes an episode to need. training, test: of the agent. optimizing: of evaluator, optimizer and merger, for
    each training episode. seconds: a call's share of the wall time. grounds: what each rests on, for readers."""

    training: Work
    test: Work
    optimizing: Work
    seconds: Range
    grounds: tuple[str, ...]


@cache
def assumptions() -> Mapping[str, Any]:
    """The figures of assumptions.yaml."""
    data = OmegaConf.to_container(OmegaConf.create((files("experiments") / "assumptions.yaml").read_text("utf-8")))
    assert isinstance(data, dict)
    return {str(key): value for key, value in data.items()}


def stated(*path: str) -> Range:
    """An assumed pair, by its place in assumptions.yaml."""
    node: Any = assumptions()
    for part in path:
        node = node[part]
    return Range(*map(float, node))


def rates_for(settings: Settings, known: Sequence[Sample]) -> Rates:
    """The nearest ground there is: same model and agent; another model or other settings of the agent (wider); none (assumed)."""
    env = settings.point.env
    near, how, factor = _nearest(settings, known)
    same_optimizer = [one for one in near if one.optimizer == settings.point.optimizer and one.training_episodes]
    optimized = same_optimizer or [one for one in near if one.training_episodes]
    grounds: list[str] = []
    if near:
        test = _measured(near, lambda role, phase: role == "agent" and phase == "test", _test_episodes).times(factor)
        training = _by_phase(near).times(factor) if optimized else test
        test, training = _within_steps(test, settings), _within_steps(training, settings)
        grounds.append(f"{env}, the agent's calls and tokens: {how} ({_told(near)})")
    else:
        test = training = _assumed_agent(settings)
        grounds.append(f"{env}, the agent's calls and tokens: assumed (experiments/assumptions.yaml)")
    if settings.point.optimizer == "none":
        optimizing = Work()
    elif optimized:
        optimizing = _measured(optimized, lambda role, _: role != "agent", _training_episodes).times(factor)
        whose = settings.point.optimizer if same_optimizer else "other optimizers"
        grounds.append(f"{env}, {settings.point.optimizer}'s own calls: those of {whose}, {how} ({_told(optimized)})")
    else:
        optimizing = _assumed("optimizing")
        grounds.append(f"{env}, {settings.point.optimizer}'s own calls: assumed (experiments/assumptions.yaml)")
    seconds, ground = _seconds(settings, known)
    return Rates(training, test, optimizing, seconds, (*grounds, ground))


def _nearest(settings: Settings, known: Sequence[Sample]) -> tuple[list[Sample], str, Range]:
    agent, model = agent_of(telling(settings.resolved)), settings.model.config.name
    here = [one for one in known if one.env == settings.point.env and one.episodes.get("test")]
    equal = [one for one in here if one.agent == agent]
    alike = [one for one in here if one.agent.get("agent._target_") == agent["agent._target_"]]
    wider = stated("another")
    for found, how, factor in (
        ([one for one in equal if one.model == model], "measured", Range(1.0, 1.0)),
        (equal, "measured with another model, so halved to doubled", wider),
        (alike, "measured with other settings of the agent, so halved to doubled", wider),
    ):
        if found:
            return found, how, factor
    return [], "", Range(1.0, 1.0)


def _told(found: Sequence[Sample]) -> str:
    models = ", ".join(sorted({one.model for one in found}))
    return f"{len(found)} runs with {models} in {', '.join(sorted({one.source for one in found}))}"


def _test_episodes(sample: Sample) -> int:
    return sample.episodes.get("test", 0)


def _training_episodes(sample: Sample) -> int:
    return sample.training_episodes


def _measured(found: Sequence[Sample], counts: Callable[[str, str], bool], episodes: Callable[[Sample], int]) -> Work:
    """An episode's work over runs: the lowest and highest of their means. counts(role, phase): which calls belong to it."""
    works = []
    for sample in found:
        if not episodes(sample):
            continue
        lines = [line for key, line in sample.ledger.items() if counts(*key.split("/"))]
        total = sum((usage for _, usage in lines), Usage())
        parts = (sum(calls for calls, _ in lines), total.prompt_tokens, total.cached_tokens, total.completion_tokens)
        works.append([part / episodes(sample) for part in parts])
    return Work(*(Range.over(values) for values in zip(*works, strict=True)))


def _by_phase(found: Sequence[Sample]) -> Work:
    """An episode of training: what it takes in the cheaper to the dearer of exploring and validating."""
    works = [
        _measured(
            [one for one in found if one.episodes.get(phase)],
            lambda role, other, phase=phase: role == "agent" and other == phase,  # type: ignore[misc]
            lambda one, phase=phase: one.episodes.get(phase, 0),  # type: ignore[misc]
        )
        for phase in ("explore", "validate")
        if any(one.episodes.get(phase) for one in found)
    ]
    return Work(
        *(
            Range(min(getattr(work, part).low for work in works), max(getattr(work, part).high for work in works))
            for part in ("calls", "prompt", "cached", "completion")
        )
    )


def _assumed_agent(settings: Settings) -> Work:
    env = settings.point.env if settings.point.env in assumptions()["agent"] else "other"
    return _within_steps(_assumed("agent", env), settings)


def _within_steps(work: Work, settings: Settings) -> Work:
    """No more calls than the agent may take steps, where it has such a limit."""
    most = getattr(settings.agent, "max_steps", None)
    if most is None or work.calls.high <= most:
        return work
    return work.times(Range(min(1.0, most / work.calls.low), most / work.calls.high))


def _assumed(*path: str) -> Work:
    calls = stated(*path, "calls")
    return Work(calls, calls.times(stated(*path, "prompt")), NOTHING, calls.times(stated(*path, "reply")))


def _seconds(settings: Settings, known: Sequence[Sample]) -> tuple[Range, str]:
    env, model = settings.point.env, settings.model.config.name
    timed = [one for one in known if one.seconds and one.calls and (one.env, one.model) == (env, model)]
    if timed:
        paces = [one.seconds / one.calls for one in timed if one.seconds]
        return Range.over(paces), f"{env}, time: measured ({_told(timed)})"
    ground = f"{env}, time: assumed (experiments/assumptions.yaml)"
    if settings.model.simulated is not None:
        return stated("seconds", "simulated"), ground
    if settings.model.local is not None:
        return stated("seconds", "local"), ground
    together = min(settings.plain.executor.episodes, settings.model.config.max_concurrency)
    share = Range(1 / together, 1 / together)
    return stated("seconds", "other").times(share), f"{ground}, {together} calls under way at once"
