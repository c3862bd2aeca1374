from pathlib import Path

import pytest
import yaml

from fgo.llm.config import ModelConfig
from fgo.llm.sim.parameters import Parameters

CONF = Path(__file__).parents[4] / "conf" / "model"


def preset(name):
    data = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    parameters = data.pop("simulated")
    return ModelConfig(**data), Parameters(**parameters)


@pytest.mark.parametrize("name", ["sim_tiny", "sim_small", "sim", "sim_large"])
def test_a_preset_is_valid_and_free_of_charge(name):
    config, parameters = preset(name)
    assert config.name.startswith("sim/")
    assert (parameters.recall_decay, parameters.recall_scale, parameters.place_depth) == (1, 1, 1)
    assert (CONF / f"{name}.yaml").read_text().count("hoice") >= 5, "own choices are said to be that"


def test_the_presets_rise_in_competence_window_and_recall():
    (small, low), (base, middle), (large, high) = map(preset, ("sim_small", "sim", "sim_large"))
    assert small.window < base.window < large.window
    assert low.competence < middle.competence < high.competence
    assert all(a < b < c for a, b, c in zip(low.recall_scores, middle.recall_scores, high.recall_scores, strict=True))


@pytest.mark.parametrize("name", ["sim_tiny", "sim_small", "sim", "sim_large"])
def test_a_window_holds_several_trajectories_beside_the_reply(name):
    reply, trajectory = 4096, 3000  # conf/config.yaml's optimizer_tokens; fifty steps on ALFWorld
    assert preset(name)[0].window - reply >= 3 * trajectory
