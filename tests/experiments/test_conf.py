"""The files of conf/: each can be chosen, and each tells all that can be set."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from experiments.components import build, load, structure
from experiments.composition import config_folder, settings_of
from experiments.settings import Executor, PlanConfig, Study
from fgo.lab import AskingConfig
from fgo.llm.config import BudgetConfig, ModelConfig
from fgo.llm.local.config import ServerConfig
from fgo.llm.sim.parameters import Parameters
from fgo.optimizers.allowance import AllowanceConfig

CONF = Path(config_folder())
COMPONENTS = [
    path for group in ("env", "agent", "optimizer", "tracker") for path in sorted((CONF / group).glob("*.yaml"))
]
MODELS = sorted((CONF / "model").glob("*.yaml"))
STUDIES = [path for path in sorted((CONF / "study").glob("*.yaml")) if path.stem != "none"]


def read(path: Path) -> dict[str, Any]:
    data = OmegaConf.to_container(OmegaConf.load(path))
    assert isinstance(data, dict)
    return {str(key): value for key, value in data.items()}


def with_defaults(path: Path) -> dict[str, Any]:
    """A component's node, with what the files beside it give that its `defaults` name."""
    node = read(path)
    for name in node.pop("defaults", ()):
        node = {**with_defaults(path.with_name(f"{name}.yaml")), **node}
    return node


def at_the_top(node: dict[str, Any]) -> dict[str, Any]:
    """With the values that the node takes from conf/config.yaml; sandbox.unguarded=auto is decided as for a real model."""
    above = OmegaConf.load(Path(config_folder()) / "config.yaml")
    above.sandbox.unguarded = "refuse"
    whole = OmegaConf.create({**{key: above[key] for key in ("epochs", "patience", "sandbox")}, "node": node})
    resolved = OmegaConf.to_container(whole, resolve=True)
    assert isinstance(resolved, dict)
    return {str(key): value for key, value in resolved["node"].items()}


def keys(schema: type[Any]) -> set[str]:
    return {field.name for field in dataclasses.fields(schema) if field.init}


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", COMPONENTS, ids=named)
def test_every_component_builds_and_its_file_shows_every_key(path: Path) -> None:
    node = at_the_top(with_defaults(path))
    component = build(path.parent.name, node)

    assert set(node) - {"_target_"} == keys(load(path.parent.name, node["_target_"]))
    for key, value in node.items():
        if isinstance(value, dict):
            assert set(value) == keys(type(getattr(component, key)))


@pytest.mark.parametrize("path", MODELS, ids=named)
def test_every_model_builds(path: Path) -> None:
    node = read(path)
    simulated = node.pop("simulated", None)
    if "path" in node:
        assert set(node.pop("server")) == keys(ServerConfig)
        assert [node.pop("path"), node.pop("sha256"), node.pop("name")] == [None, None, None]
        node["name"] = "local/file"
    config = structure("model", node, ModelConfig)

    assert config.window >= config.max_output > 0
    if simulated is not None:
        assert set(simulated) == keys(Parameters)
        assert structure("model.simulated", simulated, Parameters)


def test_the_simulated_presets_differ_in_value_only() -> None:
    presets = [read(path) for path in MODELS if path.stem.startswith("sim")]

    assert len(presets) == 4
    assert len({frozenset(preset) for preset in presets}) == 1
    assert len({preset["name"] for preset in presets}) == 4


def test_the_plain_keys_are_those_of_their_schemas() -> None:
    config = read(CONF / "config.yaml")

    assert set(config["asking"]) == keys(AskingConfig)
    assert set(config["budget"]) == keys(BudgetConfig)
    assert set(config["plan"]) == keys(PlanConfig)
    assert set(config["allowance"]) == keys(AllowanceConfig)
    assert set(read(CONF / "executor" / "local.yaml")) == keys(Executor)


@pytest.mark.parametrize("path", STUDIES, ids=named)
def test_every_study_names_itself_and_its_grid_can_be_composed(path: Path) -> None:
    settings = settings_of([f"study={path.stem}"])
    study = settings.plain.study

    assert study.name == path.stem
    assert set(read(path)["study"]) <= keys(Study)
    assert study.grid
    assert settings.point.study == study.name


@pytest.mark.parametrize("variant", sorted(path.stem for path in (CONF / "variant").glob("*.yaml")))
def test_every_variant_is_another_point_under_its_own_name(variant: str) -> None:
    plain = settings_of(["env=logisticsqa"])
    varied = settings_of(["env=logisticsqa", f"variant={variant}"])
    own = {"plain": "fgo", **{name: name for name in ("none", "all_at_once", "sequential")}}
    method = "given" if variant == "by_hand" else "fgo"

    assert varied.point.optimizer == own.get(variant, f"{method}+{variant}")
    assert varied.point.model == plain.point.model
    assert (varied.fingerprint == plain.fingerprint) == (variant == "plain")
    if variant in own and variant != "plain":
        assert varied.fingerprint == settings_of(["env=logisticsqa", f"optimizer={variant}"]).fingerprint
