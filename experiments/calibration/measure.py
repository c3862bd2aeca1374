"""Plants lessons, asks a configured model, judges. Every call goes through the client and its journal: give the same
command again after a kill, and nothing that was answered is asked twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import orjson

from envs.cache import write_atomically
from experiments.calibration import figure, summary
from experiments.calibration.judge import judge
from experiments.calibration.prompts import MODULES, Prompt, build
from experiments.calibration.snippets import Supply, collect
from experiments.calibration.summary import Answered, cells
from experiments.doors import open_models
from experiments.errors import UsageError
from experiments.provenance import describe_run
from experiments.runfolder import RunFolder
from experiments.settings import Settings
from fgo.concurrency import together
from fgo.journal import Journal
from fgo.llm.config import ModelConfig
from fgo.llm.model import Model
from fgo.llm.provider import Provider
from fgo.llm.sim.rulebook import Rulebook
from fgo.llm.tokens import count_messages
from fgo.llm.types import Caller
from fgo.optimizers.shapes import Shape, modules_shape
from fgo.rollout import seed_of

Say = Callable[[str], None]
_TASKS = 400  # played at most, in search of trajectories that show a lesson


@dataclass(frozen=True, slots=True)
class Plan:
    """lengths: of prompts, in tokens. times: in how many trajectories a lesson shows. prompts: for each of these pairs.
    lessons: planted in each prompt, at most."""

    lengths: tuple[int, ...] = (512, 1024, 2048, 4096, 8192, 16384)
    times: tuple[int, ...] = (1, 3)
    prompts: int = 10
    lessons: int = 3

    def __post_init__(self) -> None:
        for key in ("lengths", "times"):
            if not getattr(self, key) or min(getattr(self, key)) < 1:
                raise ValueError(f"--{key}: expected whole numbers of at least 1")
        for key in ("prompts", "lessons"):
            if getattr(self, key) < 1:
                raise ValueError(f"--{key}: expected a whole number of at least 1")


async def calibrate(
    settings: Settings, plan: Plan, say: Say = print, *, ask: bool = True, provider: Provider | None = None
) -> list[Answered]:
    """Writes calibration.json, calibration.md and recall.svg (.pdf, .png) into the settings' folder; the judged answers.

    say: takes the plan, before anything is asked, and the table. ask: False stops after the plan. provider: see `open_models`.
    Raises UsageError where nothing can be planted.
    """
    try:
        await settings.env.prepare()
    except ValueError as error:
        raise UsageError(str(error)) from error
    try:
        folder = RunFolder(settings.folder)
        async with folder.lock():
            with Journal(folder.journal) as journal:
                about = describe_run(settings, ["calibration"])
                folder.open(journal, about)
                prompts = await _prompts(settings, plan, journal, say)
                if not ask:
                    return []
                async with open_models(settings, journal, provider) as models:
                    answers = await _answers(settings, prompts, models.optimizer)
    finally:
        await settings.env.close()
    _write(settings, plan, answers, say)
    return answers


async def _prompts(settings: Settings, plan: Plan, journal: Journal, say: Say) -> list[Prompt]:
    """Says what will be asked: the plan."""
    env, room = settings.env, settings.optimizer_model.config.window - settings.plain.asking.optimizer_tokens
    each = max(plan.times) * 3  # so that draws differ
    tasks = env.tasks("train", None, settings.plain.seed)[:_TASKS]
    say(f"playing up to {len(tasks)} tasks of {env.name} for trajectories that show one lesson's lack, or none")
    supply = await collect(env, tasks, journal, each=each, filling=max(plan.lengths), max_steps=_max_steps(settings))
    _say_supply(supply, each, say)
    shape = _shape(settings.optimizer_model.config)
    make = partial(
        build, supply, env.seed_modules(),
        lessons=plan.lessons, count=_count, seed=settings.plain.seed, request="" if shape is None else shape.request,
    )  # fmt: skip
    prompts: list[Prompt] = []
    for length in plan.lengths:
        for times in plan.times:
            made = [make(length, times, number) for number in range(plan.prompts)]
            fit = [prompt for prompt in made if prompt is not None and prompt.tokens <= room]
            prompts += fit
            why = (
                ""
                if fit
                else f": {f'over the {room:,} tokens of window beside a reply' if any(made) else 'no lesson fits'}"
            )
            tokens, planted = sum(prompt.tokens for prompt in fit), sum(len(prompt.planted) for prompt in fit)
            say(f"  {length:>6,} tokens, shown {times}x: {len(fit)} calls, {tokens:,} tokens, {planted} planted{why}")
    if not prompts:
        raise UsageError(
            "nothing to ask: no lesson of this environment fits into prompts of these lengths; ask for longer"
        )
    longest = len(prompts) * settings.plain.asking.optimizer_tokens
    say(f"{len(prompts)} calls, {sum(p.tokens for p in prompts):,} prompt tokens, at most {longest:,} reply tokens")
    return prompts


def _say_supply(supply: Supply, each: int, say: Say) -> None:
    few = {name: len(found) for name, found in supply.planted.items() if len(found) < each}
    say(f"{len(supply.fillers)} trajectories show no lesson's lack; {each} of each lesson's were wanted")
    if few:
        say("  fewer were found of " + ", ".join(f"{name} ({number})" for name, number in few.items()))


def _max_steps(settings: Settings) -> int:
    return int(getattr(settings.agent, "max_steps", 50))


def _count(messages: Sequence[object]) -> int:
    return count_messages(messages)  # type: ignore[arg-type]


def _shape(config: ModelConfig) -> Shape | None:
    """What replies are held to, as the lab holds them."""
    return modules_shape(MODULES) if config.structured else None


async def _answers(settings: Settings, prompts: Sequence[Prompt], model: Model) -> list[Answered]:
    book = Rulebook([settings.env.simulated()])
    before = settings.env.seed_modules()[MODULES[0]]
    shape = _shape(model.config)
    slots = asyncio.Semaphore(settings.plain.executor.episodes)

    async def answer(prompt: Prompt) -> Answered:
        scope = {"length": prompt.length, "times": prompt.times, "prompt": prompt.number}
        draw = seed_of("calibrate", settings.plain.seed, scope)
        async with slots:
            reply = await model.ask(
                prompt.messages,
                Caller("optimizer", "optimize", scope),
                draw=draw,
                max_tokens=settings.plain.asking.optimizer_tokens,
                response_format=None if shape is None else shape.response_format,
            )
        usage = reply.usage
        if shape is not None:
            reply = replace(reply, text=shape.read(reply.text))
        judged = judge(reply, prompt.planted, before, book, MODULES[0])
        return Answered(prompt, judged, usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens)

    return await together(answer(prompt) for prompt in prompts)


def _write(settings: Settings, plan: Plan, answers: Sequence[Answered], say: Say) -> None:
    found = cells(answers)
    model = settings.optimizer_model
    name = model.config.name
    repeated = summary.repetition(found)
    suggested = summary.suggested(found)
    assumed = figure.assumed(answers)
    about = {
        "model": name,
        "file": None if model.local is None or model.local.file is None else model.local.file.to_json(),
        "simulated": model.simulated is not None,
        "environment": dict(settings.env.fingerprint()),
        "plan": asdict(plan),
        "tokens": {
            "prompt": sum(answer.prompt_tokens for answer in answers),
            "cached": sum(answer.cached_tokens for answer in answers),
            "reply": sum(answer.reply_tokens for answer in answers),
        },
        "cells": [{**cell.to_json(), "assumed": assumed.get(cell.length) if cell.times == 1 else None} for cell in found],
        "repetition": repeated,
        "suggested": suggested,
        "replies": [
            {"length": a.prompt.length, "times": a.prompt.times, "prompt": a.prompt.number, "planted": a.prompt.planted,
             **asdict(a.judged)}
            for a in answers
        ],
    }  # fmt: skip
    folder = Path(settings.folder)
    write_atomically(folder / "calibration.json", orjson.dumps(about, option=orjson.OPT_INDENT_2))
    mark = "SIMULATED: " if model.simulated is not None else ""
    lines = [f"{mark}{name} on {settings.env.name}", "", summary.table(found), ""]
    lines += [
        f"{line['length']:,} tokens, shown {line['times']}x: recall {line['recall'][0]:.0%}; as once (max) {line['max']:.0%}, "
        f"independent {line['independent']:.0%}: {line['agrees_with']}"
        for line in repeated
    ]
    lines += ["", "For conf/model/sim*.yaml, by these measurements:", *(f"  {k}: {v}" for k, v in suggested.items())]
    (folder / "calibration.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    figure.draw(answers, name, model.simulated is not None, folder / "recall")
    say("\n".join(lines))
    say(f"{folder}: calibration.json, calibration.md, recall.svg")
