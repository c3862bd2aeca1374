"""Recall against prompt length: what was measured, beside the simulated presets' curves."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from statistics import fmean

from omegaconf import OmegaConf

from experiments.calibration.summary import Answered, cells
from experiments.components import structure
from experiments.figure_style import INK, WIDTH, drawing, frame, save
from fgo.llm.sim.parameters import Parameters
from fgo.llm.sim.recall import recall

_PRESETS = {"sim_small": "#d55e00", "sim": "#009e73", "sim_large": "#cc79a7"}


def presets() -> dict[str, Parameters]:
    """The simulated models of conf/model/, by their files' names."""
    found = {}
    for name in _PRESETS:
        node = OmegaConf.load(Path(str(files("conf"))) / "model" / f"{name}.yaml")
        found[name] = structure("model.simulated", OmegaConf.to_container(node.simulated), Parameters)  # type: ignore[arg-type]
    return found


def assumed(answers: Sequence[Answered]) -> dict[int, dict[str, float]]:
    """By length, the recall that each preset would have had of the lessons that show once, at the very places."""
    places: dict[int, list[tuple[int, float]]] = {}
    for answer in answers:
        if answer.prompt.times == 1:
            found = places.setdefault(answer.prompt.length, [])
            found += [(answer.prompt.tokens, place) for ends in answer.prompt.planted.values() for place in ends]
    return {
        length: {name: round(fmean(recall(p, *place) for place in found), 4) for name, p in presets().items()}
        for length, found in sorted(places.items())
    }


def draw(answers: Sequence[Answered], model: str, simulated: bool, stem: Path) -> list[Path]:
    """Writes the figure as STEM.svg, .pdf and .png; their paths. Nothing is drawn where no lesson shows once."""
    once = [cell for cell in cells(answers) if cell.times == 1]
    if not once:
        return []
    expected = assumed(answers)
    with drawing() as figure_class:
        figure = figure_class(figsize=(WIDTH, 2.75))
        axes = figure.add_axes((0.13, 0.235, 0.84, 0.615))
        lengths = [cell.tokens for cell in once]
        for name, colour in _PRESETS.items():
            curve = [expected[cell.length][name] for cell in once]
            axes.plot(lengths, curve, color=colour, linewidth=0.8, linestyle="--", label=name)
        shares = [cell.recall for cell in once]
        middle = [share.estimate for share in shares]
        bars = [[share.estimate - share.low for share in shares], [share.high - share.estimate for share in shares]]
        axes.errorbar(
            lengths, middle, yerr=bars, color=INK, marker="o", markersize=3, linewidth=1, capsize=2, label="measured"
        )
        axes.set_xscale("log", base=2)
        axes.set_xticks(lengths, [f"{length:,}" for length in lengths])
        axes.minorticks_off()
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("prompt tokens")
        axes.set_ylabel("planted lessons noticed")
        axes.legend(fontsize=5.5, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 0.98), ncols=4)
        planted, prompts = sum(cell.planted for cell in once), sum(cell.replies for cell in once)
        about = f"{planted} lessons, each shown once, in {prompts} prompts; bars: 95 % (Wilson)"
        footer = f"Measured: {model}. Dashed: as the presets assume.\n{about}"
        frame(figure, "Recall of lessons by prompt length", footer, simulated)
        return save(figure, stem)
