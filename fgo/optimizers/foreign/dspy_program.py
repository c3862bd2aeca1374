"""Our agent as a program of the package `dspy`: one `Predict` carries its instructions, its call is a rollout of ours.

Its model is the lab's. dspy's caches, history and logs are off: it writes no file and says nothing. Whatever its optimizers
ask for twice (the same instructions, task and sample), dspy's cache would answer; here the program itself does, so that no
episode is played twice.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from fgo.optimizers.foreign.bridge import Bridge
from fgo.optimizers.foreign.desk import Desk, Unanswered
from fgo.optimizers.foreign.packages import required
from fgo.optimizers.foreign.quiet import muted
from fgo.rendering import render_trajectory
from fgo.types import Modules, Task, Trajectory

CARRIER = "instructions"
"""The module that a program carries."""

_SHOWN = re.compile(r'<trajectory id=\\*"(T\d+)')


class Goal(str):
    """An example's input: what a prompt shows is a task's goal; the task itself (None: a validation task) goes with it."""

    __slots__ = ("task",)
    task: Task | None

    @staticmethod
    def of(task: Task | None) -> Goal:
        goal = Goal("" if task is None else task.goal)
        goal.task = task
        return goal

    def __deepcopy__(self, memo: object) -> Goal:
        return self

    def __copy__(self) -> Goal:
        return self


class AgentProgram:
    """What dspy's optimizers are given. Use in the engine's thread, within `speaking`.

    student: the program. examples, held: training and validation examples. metric: theirs for both. scores: of all
    training episodes, by digest of the modules.
    """

    def __init__(self, bridge: Bridge, desk: Desk, seed: Modules, tasks: Sequence[Task], held: int = 0) -> None:
        self._dspy = required("dspy")
        self._bridge, self._desk, self._seed = bridge, desk, seed
        self._played: dict[tuple[str, str, int], Trajectory] = {}
        self._labels: dict[str, str] = {}
        self._asked: list[tuple[str, dict[str, str]]] = []
        self._known: dict[str, Modules] = {}
        self.scores: dict[str, list[float]] = {}
        self.student = _program_class(self._dspy, self._roll_out)(seed[CARRIER])
        self._known[self.text_of(self.student)] = seed  # dspy trims a text's indentation
        self.examples = [self._example(task) for task in tasks]
        self.held = [self._example(None) for _ in range(held)]

    def text_of(self, program: Any) -> str:
        return str(program.play.signature.instructions)

    def modules_of(self, program: Any) -> Modules:
        return self._modules(self.text_of(program))

    def metric(self, example: Any, prediction: Any, trace: object = None) -> float:
        return float(prediction.score)

    def known(self, digest: str) -> Modules:
        return next(modules for modules in self._known.values() if modules.digest == digest)

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """dspy as it is to be in this thread: with the lab's model, without files and words."""
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # should it be imported, it fetches nothing
        self._dspy.disable_logging()
        self._dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
        required("tqdm").tqdm.monitor_interval = 0  # else each bar's monitor thread outlives it
        model = self._dspy.LM("fgo/optimizer", engine=_Engine(self._bridge, self._complete), cache=False, num_retries=0)
        with muted(), self._dspy.context(lm=model, disable_history=True, trace=[]):
            yield

    def failures(self) -> tuple[type[Exception], ...]:
        """With what an optimizer gives up when the model's replies are of no use to it."""
        return (Unanswered, required("dspy.utils.exceptions").AdapterParseError)

    def _example(self, task: Task | None) -> Any:
        return self._dspy.Example(task=Goal.of(task)).with_inputs("task")

    def _roll_out(self, predict: Any, goal: Goal) -> Any:
        with self._bridge.ours():
            modules = self._modules(str(predict.signature.instructions))
            if goal.task is None:
                return self._dspy.Prediction(score=self._validated(modules))
            sample = 0 if predict.lm is None else 1 + predict.lm.kwargs.get("rollout_id", 0)
            trajectory = self._trajectory(modules, goal.task, sample)
            label = self._labels.setdefault(trajectory.episode, f"T{len(self._labels) + 1}")
            shown = self._dspy.Prediction(trajectory=render_trajectory(trajectory, label))
            self._dspy.settings.trace.append((predict, {"task": goal}, shown))
            outcome = trajectory.status.value.replace("_", " ")
            return self._dspy.Prediction(outcome=outcome, score=trajectory.score.value)

    def _validated(self, modules: Modules) -> float:
        """The mean for each held task: their average is the sample's, and no engine learns which was won."""
        if self._desk.validated(modules):
            return self._desk.validate(modules).mean
        incumbent = self._desk.best if self._desk.validated(self._desk.best) else None
        mean = self._desk.validate(modules).mean
        if incumbent is not None:
            before = self._desk.validate(incumbent).mean
            self._desk.record(
                "decision",
                candidate=modules.digest,
                incumbent=incumbent.digest,
                candidate_mean=mean,
                incumbent_mean=before,
                accepted=mean > before,
                why="better than any before" if mean > before else "no better than the best",
            )
        return mean

    def _trajectory(self, modules: Modules, task: Task, sample: int) -> Trajectory:
        key = (modules.digest, task.id, sample)
        if key not in self._played:
            (self._played[key],) = self._desk.explore(modules, [task], sample)
            self.scores.setdefault(modules.digest, []).append(self._played[key].score.value)
        return self._played[key]

    def _modules(self, text: str) -> Modules:
        """The modules with this text; a text that is met for the first time is journalled as a proposal.

        Its parent is the longest text known that it begins with, else the seed.
        """
        if text not in self._known:
            begun = [known for known in self._known if text.startswith(known)]
            parent = self._known[max(begun, key=len)] if begun else self._seed
            made = self._desk.modules({CARRIER: text}, parent)
            added = text.removeprefix(parent[CARRIER]).strip()
            self._desk.record_proposal(parent, made, shown=self._shown_for(added))
            self._known[text] = made
        return self._known[text]

    def _shown_for(self, added: str) -> dict[str, str]:
        """Which episodes stood in the prompt whose reply has this text: label -> episode."""
        quoted = json.dumps(added)[1:-1]
        found = (shown for reply, shown in reversed(self._asked) if added in reply or quoted in reply)
        return next(found, {})

    def _complete(self, system: str, text: str) -> str:
        reply = self._desk.ask(system, text)
        labels = {label: episode for episode, label in self._labels.items()}
        shown = {label: labels[label] for label in _SHOWN.findall(text) if label in labels}
        self._asked.append((reply, shown))
        return reply


class _Engine:
    """dspy's interface to a model: one request, one response."""

    def __init__(self, bridge: Bridge, complete: Callable[[str, str], str]) -> None:
        self._bridge, self._complete, self._types = bridge, complete, required("dspy.lm15")

    def complete(self, request: Any) -> Any:
        with self._passing_unanswered() as outcome:
            system = request.system or ""
            system = system if isinstance(system, str) else "".join(part.text for part in system)
            outcome.text = self._complete(system, "\n\n".join(message.text or "" for message in request.messages))
        if outcome.problem is not None:
            raise outcome.problem
        types = self._types
        return types.Response(
            id=None,
            model=request.model,
            message=types.Message.assistant([types.TextPart(outcome.text)]),
            finish_reason="stop",
            usage=types.Usage(input_tokens=0, output_tokens=0, total_tokens=0),  # the ledger has them
        )

    @contextmanager
    def _passing_unanswered(self) -> Iterator[SimpleNamespace]:
        outcome = SimpleNamespace(text="", problem=None)
        with self._bridge.ours():
            try:
                yield outcome
            except Unanswered as error:
                outcome.problem = error


def _program_class(dspy: Any, roll_out: Callable[[Any, Goal], Any]) -> Any:
    """The program's class. Its source and its doc can stand in an optimizer's prompt: it says what there is to know."""

    class Agent(dspy.Module):  # type: ignore[misc]
        """An agent that does a task step by step in an environment. What `play` is told are its instructions."""

        def __init__(self, instructions: str) -> None:
            super().__init__()
            self.play = dspy.Predict(dspy.Signature("task -> trajectory", instructions))

        def forward(self, task: Goal) -> Any:
            return roll_out(self.play, task)

    return Agent
