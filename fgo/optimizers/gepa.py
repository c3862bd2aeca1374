"""GEPA (arXiv 2507.19457) by its own package `gepa`, run as it is: reflective mutation, Pareto selection, its default prompt.

Ours is the edge alone: its training minibatches are explorations of the lab, its validation set is the run's validation
sample (of which it gets the scores), its reflection model is the lab's. See docs/rivals-reference.md.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from fgo.optimizers.base import Lab
from fgo.optimizers.checks import require_modules, require_named, require_positive
from fgo.optimizers.foreign.bridge import Bridge
from fgo.optimizers.foreign.desk import Desk, Unanswered, run_engine, seed_number
from fgo.optimizers.foreign.packages import required
from fgo.rendering import render_trajectory
from fgo.types import Modules, Task, Trajectory

_log = logging.getLogger(__name__)

Selection = Literal["pareto", "current_best", "epsilon_greedy", "top_k_pareto"]


@dataclass(frozen=True, slots=True)
class GEPA:
    """passes: at most so many over the training tasks, a minibatch an iteration. minibatch: its tasks.
    selection: how the parent of an iteration is chosen. skip_perfect: whether to leave a parent alone that wins its whole
    minibatch. modules: which modules are evolved, one an iteration, in turn.
    """

    passes: int = 2
    minibatch: int = 3
    selection: Selection = "pareto"
    skip_perfect: bool = True
    modules: tuple[str, ...] = ("instructions",)

    def __post_init__(self) -> None:
        require_positive(passes=self.passes, minibatch=self.minibatch)
        require_named("optimizer.modules", self.modules)

    def episodes(self, tasks: int, validation_size: int) -> int:
        return validation_size + self._iterations(tasks) * self._iteration_at_most(validation_size)

    def _iterations(self, tasks: int) -> int:
        return self.passes * ceil(tasks / self.minibatch)

    def _iteration_at_most(self, validation_size: int) -> int:
        return 2 * self.minibatch + validation_size

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        require_modules("optimizer.modules", self.modules, seed)
        gepa = required("gepa")
        number = seed_number(lab, "gepa")
        enough, iterations = self._iteration_at_most(lab.validation_size), self._iterations(len(tasks))

        def engine(bridge: Bridge, desk: Desk) -> None:
            adapter = _Adapter(bridge, desk, self.modules, required("gepa.core.adapter").EvaluationBatch)
            gepa.optimize(
                seed_candidate={name: seed[name] for name in self.modules},
                trainset=list(tasks),
                valset=[_Held(index) for index in range(lab.validation_size)],
                adapter=adapter,
                reflection_lm=adapter.reflect,
                candidate_selection_strategy=self.selection,
                skip_perfect_score=self.skip_perfect,
                reflection_minibatch_size=self.minibatch,
                # state.i counts from -1: as many iterations are over as state.i + 1
                stop_callbacks=lambda state: state.i + 1 >= iterations or not desk.affords(enough),
                logger=_Quiet(),
                callbacks=[adapter],
                track_best_outputs=False,
                seed=number,
            )

        return await run_engine(lab, seed, engine)


@dataclass(frozen=True, slots=True)
class _Held:
    """A validation task as the engine sees it: its place in the sample, nothing else."""

    index: int


class _Quiet:
    def log(self, message: str) -> None:
        _log.debug("%s", message)


class _Adapter:
    """Implements gepa's GEPAAdapter, its reflection model and its callbacks, in the engine's thread."""

    propose_new_texts = None  # the engine's own proposer, with its default prompt

    def __init__(self, bridge: Bridge, desk: Desk, names: Sequence[str], batch_type: Any) -> None:
        self._bridge, self._desk, self._names, self._batch_type = bridge, desk, names, batch_type
        self._iteration = 0
        self._parent: Modules | None = None
        self._child: Modules | None = None
        self._before: list[float] = []
        self._shown: dict[str, str] = {}

    def evaluate(self, batch: Sequence[Any], candidate: Mapping[str, str], capture_traces: bool = False) -> Any:
        with self._bridge.ours():
            modules = self._desk.modules(candidate, self._parent)
            if isinstance(batch[0], _Held):
                scores = list(self._desk.validate(modules).scores.values())
                values = [scores[held.index] for held in batch]
                return self._batch_type(outputs=[None] * len(batch), scores=values)
            # parent and child meet the same chances (repeat); another iteration is another attempt
            trajectories = self._desk.explore(modules, batch, self._iteration, iteration=self._iteration)
            values = [trajectory.score.value for trajectory in trajectories]
            return self._batch_type(outputs=[None] * len(batch), scores=values, trajectories=trajectories)

    def make_reflective_dataset(
        self, candidate: Mapping[str, str], eval_batch: Any, components_to_update: Sequence[str]
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        with self._bridge.ours():
            labels = {f"T{number}": trajectory for number, trajectory in enumerate(eval_batch.trajectories, start=1)}
            self._parent, self._before = self._desk.modules(candidate), list(eval_batch.scores)
            self._shown = {label: trajectory.episode for label, trajectory in labels.items()}
            records = [_record(label, trajectory) for label, trajectory in labels.items()]
            return dict.fromkeys(components_to_update, records)

    def reflect(self, prompt: str) -> str:
        with self._bridge.ours():
            try:
                return self._desk.ask("", prompt, iteration=self._iteration)
            except Unanswered as error:
                failed = error
                self._desk.record_proposal(self._now(), None, str(error), self._shown)
        raise failed  # the engine goes on with its next iteration

    def on_iteration_start(self, event: Mapping[str, Any]) -> None:
        with self._bridge.ours():
            self._iteration, self._parent, self._child = event["iteration"], None, None

    def on_proposal_end(self, event: Mapping[str, Any]) -> None:
        with self._bridge.ours():
            self._child = self._desk.modules(
                {**_texts(self._now(), self._names), **event["new_instructions"]}, self._now()
            )
            self._desk.record_proposal(self._now(), self._child, shown=self._shown)

    def on_candidate_accepted(self, event: Mapping[str, Any]) -> None:
        with self._bridge.ours():
            self._decide(True, "better on its minibatch", event["new_score"])

    def on_candidate_rejected(self, event: Mapping[str, Any]) -> None:
        with self._bridge.ours():
            self._decide(False, event["reason"], event["new_score"])

    def _decide(self, accepted: bool, why: str, new_sum: float) -> None:
        assert self._child is not None
        if not accepted and self._desk.validated(self._child):
            return  # its parent, or another of the pool, met again: it stays what it is
        self._desk.record(
            "decision",
            candidate=self._child.digest,
            incumbent=self._now().digest,
            candidate_mean=new_sum / len(self._before),
            incumbent_mean=sum(self._before) / len(self._before),
            accepted=accepted,
            why=why,
        )

    def _now(self) -> Modules:
        assert self._parent is not None
        return self._parent


def _texts(modules: Modules, names: Sequence[str]) -> dict[str, str]:
    return {name: modules[name] for name in names}


def _record(label: str, trajectory: Trajectory) -> dict[str, str]:
    """An example as the engine's prompt shows it: what was asked, what the agent did, how it was scored."""
    return {
        "Inputs": trajectory.goal,
        "Generated Outputs": render_trajectory(trajectory, label),
        "Feedback": f"Score: {trajectory.score.value:g} of 1 ({trajectory.status.value.replace('_', ' ')}).",
    }
