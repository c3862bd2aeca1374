"""A resolved configuration as checked, typed settings; its fingerprint; and what differs between two of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from envs.base import Environment
from experiments.components import build, load, structure, without_effect
from experiments.errors import UsageError
from experiments.summary import Point
from experiments.trackers.base import Tracker
from fgo.agents.base import Agent
from fgo.lab import AskingConfig
from fgo.llm.config import BudgetConfig, ModelConfig
from fgo.llm.local.config import PREFIX, LocalModel, ServerConfig, find_model
from fgo.llm.prices import rates_of
from fgo.llm.sim.parameters import Parameters
from fgo.optimizers.allowance import AllowanceConfig
from fgo.optimizers.base import Optimizer
from fgo.sandbox import SandboxConfig
from fgo.types import Json, digest

# What changes how fast, how dear or how visible a run is, but never its result.
_SCHEMAS: Mapping[str, type[Any]] = {"model": ModelConfig, "optimizer_model": ModelConfig}
_GROUPS = ("env", "agent", "optimizer", "tracker", "model", "optimizer_model")
_WHERE_SERVED = {"path", "server"}  # of a model file; its hash says what it is
_NO_RESULT = (
    "executor", "tracker", "budget", "plan", "price_as", "runs", "run_dir", "cache", "record", "replay", "hydra",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Executor:
    """episodes: under way at once. tries: how often an episode is played before a machinery failure is reported."""

    episodes: int = 16
    tries: int = 3

    def __post_init__(self) -> None:
        for key in ("episodes", "tries"):
            if getattr(self, key) < 1:
                raise ValueError(f"executor.{key}={getattr(self, key)}: expected a whole number of at least 1")


@dataclass(frozen=True, slots=True)
class PlanConfig:
    """ask_above_dollars: a sweep of real models whose plan exceeds it asks before it starts. yes: the answer."""

    ask_above_dollars: float = 5.0
    yes: bool = False

    def __post_init__(self) -> None:
        if self.ask_above_dollars < 0:
            raise ValueError(f"plan.ask_above_dollars={self.ask_above_dollars}: expected 0 or more")


@dataclass(frozen=True, slots=True)
class HeatMapSettings:
    """A figure of one method's lead over a baseline: across, training sizes; up, the values of `y`, a key of the grid."""

    y: str
    method: str
    baseline: str
    x_label: str
    y_label: str
    label: str


@dataclass(frozen=True, slots=True)
class Study:
    """name: of the folder and the tables. grid: override -> values; their product are the study's points. heat_map: the
    study's figure; null: success against training size."""

    name: str
    title: str
    grid: Mapping[str, Json] = field(default_factory=dict)
    heat_map: HeatMapSettings | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", self.name):
            raise ValueError(f"study.name={self.name!r}: expected letters, digits, _ . - (it names a folder)")
        for key, values in self.grid.items():
            if not isinstance(values, list) or not values:
                raise ValueError(f"study.grid.{key}={values!r}: expected a list of values")


@dataclass(frozen=True, slots=True)
class Plain:
    """The keys of a configuration that are neither components nor models."""

    study: Study
    executor: Executor
    asking: AskingConfig
    allowance: AllowanceConfig
    budget: BudgetConfig
    plan: PlanConfig
    price_as: str
    sandbox: SandboxConfig
    train_size: int
    validation_size: int
    test_size: int | None
    seed: int
    epochs: int
    patience: int
    runs: str
    run_dir: str | None
    cache: str | None
    record: str | None
    replay: str | None

    def __post_init__(self) -> None:
        for key in ("train_size", "validation_size", "epochs", "patience"):
            if getattr(self, key) < 1:
                raise ValueError(f"{key}={getattr(self, key)}: expected a whole number of at least 1")
        if self.test_size is not None and self.test_size < 1:
            raise ValueError(f"test_size={self.test_size}: expected null (all) or a whole number of at least 1")
        if self.seed < 0:
            raise ValueError(f"seed={self.seed}: expected a whole number of at least 0")
        if self.record is not None and self.replay is not None:
            raise ValueError("record and replay are both set: a run either makes a recording or plays one back")


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """A model; `simulated` is set for the simulated one, `local` for one that the run serves itself."""

    config: ModelConfig
    simulated: Parameters | None = None
    local: LocalModel | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One point, ready to run. `resolved` is the plain configuration it was read from."""

    resolved: Mapping[str, Any]
    point: Point
    env: Environment
    agent: Agent
    optimizer: Optimizer
    tracker: Tracker
    model: ModelSettings
    optimizer_model: ModelSettings
    plain: Plain
    folder: Path

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.resolved)

    @property
    def recording(self) -> Path | None:
        """Where the point is recorded: in the file that `record` names or, where it names a folder (`record=FOLDER/`), in one
        there that is called like the point's own."""
        record = self.plain.record
        if record is None:
            return None
        path = Path(record)
        return path / f"{self.folder.name}.jsonl" if record.endswith("/") or path.is_dir() else path

    @property
    def simulated(self) -> bool:
        return self.model.simulated is not None or self.optimizer_model.simulated is not None


def read_settings(resolved: Mapping[str, Any], choices: Mapping[str, str], varied: Sequence[str] = ()) -> Settings:
    """Check a whole configuration. `choices`: which file of each config group was chosen (group -> name). varied: keys that
    a sweep varies beyond its study's grid, by which its points are told apart.

    Raises UsageError naming key, value and what is allowed.
    """
    _require_groups(resolved, choices)
    resolved = _with_files_known(_with_sandbox_decided(resolved))
    rest = {key: value for key, value in resolved.items() if key not in _GROUPS}
    plain = structure("", rest, Plain)
    other = resolved["optimizer_model"]
    model = _model("model", resolved["model"])
    optimizer_model = model if other is None else _model("optimizer_model", other)
    if model.config.name == optimizer_model.config.name and model != optimizer_model:
        raise UsageError(
            f"model.name and optimizer_model.name are both {model.config.name!r}, but their settings differ; the requests of "
            "a run name its models, so make them equal or choose another model"
        )
    if other is not None and choices.get("experiment", "none") != "none":
        raise UsageError(
            f"experiment={choices['experiment']} sets the agent's model alone: leave optimizer_model out, so that it is the same"
        )
    method, variant = choices["optimizer"], choices.get("variant", "plain")
    plainly = variant in ("plain", method)
    point = Point(
        env=choices["env"],
        optimizer=method if plainly else f"{method}+{variant}",
        model=resolved["model"]["name"] + (f", optimized by {other['name']}" if other and plainly else ""),
        train_size=plain.train_size,
        seed=plain.seed,
        study=plain.study.name,
        varied=_varied(resolved, (*plain.study.grid, *varied), choices),
    )
    return Settings(
        resolved=resolved,
        point=point,
        env=build("env", resolved["env"]),
        agent=build("agent", resolved["agent"]),
        optimizer=build("optimizer", resolved["optimizer"]),
        tracker=build("tracker", resolved["tracker"]),
        model=model,
        optimizer_model=optimizer_model,
        plain=plain,
        folder=_folder(resolved, plain, point),
    )


def _with_sandbox_decided(resolved: Mapping[str, Any]) -> Mapping[str, Any]:
    """sandbox.unguarded=auto as what it means here: code that the simulated model writes is this project's own, and may run
    without bubblewrap; a real model's may not. Environments hold the same node (`sandbox: ${sandbox}`)."""
    sandbox = resolved.get("sandbox")
    if not isinstance(sandbox, Mapping) or sandbox.get("unguarded") != "auto":
        return resolved
    models = (resolved["model"], resolved["optimizer_model"])
    own = all("simulated" in model for model in models if isinstance(model, Mapping))
    decided = {**sandbox, "unguarded": "allow" if own else "refuse"}
    env = resolved["env"]
    return {
        **resolved,
        "sandbox": decided,
        "env": {**env, "sandbox": decided} if env.get("sandbox") == sandbox else env,
    }


def _with_files_known(resolved: Mapping[str, Any]) -> Mapping[str, Any]:
    """Models of files with the file's hash, and named by what it says of itself: other contents, another run."""
    known = dict(resolved)
    for key in ("model", "optimizer_model"):
        node = resolved[key]
        if isinstance(node, Mapping) and "path" in node:
            local = _local(key, node)
            name = node.get("name") or (PREFIX + local.file.slug if local.file else None)
            if not isinstance(name, str) or not name.startswith(PREFIX):
                raise UsageError(
                    f"{key}.name={name!r}: expected {PREFIX}NAME, or null for the file's own name for itself"
                )
            known[key] = {**node, "name": name, "sha256": local.sha256}
    return known


def _local(key: str, node: Mapping[str, Any]) -> LocalModel:
    server = structure(f"{key}.server", node.get("server") or {}, ServerConfig)
    try:
        return find_model(node["path"], node.get("sha256"), server)
    except ValueError as error:
        raise UsageError(str(error).replace("model.", f"{key}.")) from error


def _require_groups(resolved: Mapping[str, Any], choices: Mapping[str, str]) -> None:
    for group in _GROUPS:
        needed = group != "optimizer_model"  # that one may be null: the agent's own
        if group not in resolved or (needed and (not isinstance(resolved[group], Mapping) or group not in choices)):
            raise UsageError(f"{group}: is missing; choose one with {group}=NAME (the files of conf/{group}/)")


def _model(key: str, node: Mapping[str, Any]) -> ModelSettings:
    parameters = node.get("simulated")
    local = _local(key, node) if "path" in node else None
    own = {"simulated", *(_WHERE_SERVED | {"sha256"} if local else ())}
    config = structure(key, {name: value for name, value in node.items() if name not in own}, ModelConfig)
    if config.name.startswith("sim/") != (parameters is not None):
        raise UsageError(
            f"{key}.name={config.name!r}: a simulated model (sim/...) and its parameters ({key}.simulated) belong together; "
            "choose it with model=sim, model=sim_small or model=sim_large, and another with model=openai, say"
        )
    try:
        rates_of(config)
    except ValueError as error:
        raise UsageError(str(error)) from error
    simulated = None if parameters is None else structure(f"{key}.simulated", parameters, Parameters)
    return ModelSettings(config, simulated, local)


def _varied(resolved: Mapping[str, Any], keys: Sequence[str], choices: Mapping[str, str]) -> dict[str, Json]:
    """What is varied besides the names that a Point has anyway, and besides what can't matter."""
    skipped = (
        "env",
        "optimizer",
        "variant",
        "model",
        "model.name",
        "model@optimizer_model",
        "train_size",
        "seed",
        *_NO_RESULT,
    )
    return {key: _look_up(resolved, key, choices) for key in keys if key not in skipped}


def _look_up(resolved: Mapping[str, Any], key: str, choices: Mapping[str, str]) -> Json:
    if key in choices:
        return choices[key]
    node: Any = resolved
    for part in key.split("."):
        if not isinstance(node, Mapping) or part not in node:
            raise UsageError(f"study.grid.{key}: there is no such key in the configuration")
        node = node[part]
    return node


def _folder(resolved: Mapping[str, Any], plain: Plain, point: Point) -> Path:
    if plain.run_dir is not None:
        return Path(plain.run_dir)
    model = re.sub(r"\W+", "_", point.model)
    name = f"{point.env}-{model}-{point.optimizer}-n{point.train_size}-s{point.seed}-{fingerprint(resolved)[:8]}"
    return Path(plain.runs) / plain.study.name / name


def schema_of(key: str, node: Mapping[Any, Any]) -> type[Any] | None:
    """The dataclass whose fields are the keys of a config group's node; None where it is none of a group's."""
    return load(key, node["_target_"]) if "_target_" in node else _SCHEMAS.get(key)


def _relevant(resolved: Mapping[str, Any]) -> dict[str, Any]:
    relevant = {key: value for key, value in resolved.items() if key not in _NO_RESULT}
    for key, node in relevant.items():
        if isinstance(node, Mapping):
            schema = schema_of(key, node)
            idle = without_effect(schema) if schema else set()
            idle |= _WHERE_SERVED if key in _SCHEMAS and "path" in node else set()
            relevant[key] = {name: value for name, value in node.items() if name not in idle}
    relevant["study"] = resolved["study"]["name"]  # its title and grid say nothing about this point
    return relevant


def fingerprint(resolved: Mapping[str, Any]) -> str:
    """Equal for configurations that give equal results: where and how fast they run is left out."""
    return digest(orjson.dumps(_relevant(resolved), option=orjson.OPT_SORT_KEYS).decode())


def telling(resolved: Mapping[str, Any]) -> dict[str, Json]:
    """The keys that a result depends on, flat: `optimizer.improve.epochs` -> 2."""
    return dict(_flat("", _relevant(resolved)))


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """One line per key that matters for the result and differs: `optimizer.improve.epochs: 2 -> 3`."""
    return changed_keys(telling(before), telling(now))


def changed_keys(old: Mapping[str, Json], new: Mapping[str, Json]) -> list[str]:
    """The same between two flat configurations (see `telling`)."""
    return [
        f"{key}: {old.get(key, '(not there)')} -> {new.get(key, '(not there)')}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key, ...) != new.get(key, ...)
    ]


def _flat(prefix: str, node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), value)
    else:
        yield prefix, node
