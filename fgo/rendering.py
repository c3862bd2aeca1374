"""How a trajectory looks in a prompt. One form for every optimizer, so that comparisons are of the method alone."""

from __future__ import annotations

from fgo.types import Status, Trajectory

_OUTCOMES = {
    Status.WON: "success",
    Status.LOST: "failure",
    Status.STEP_LIMIT: "failure: step limit reached",
    Status.MALFORMED: "failure: replies could not be read as actions",
    Status.CONTEXT_OVERFLOW: "failure: context window full",
}


def render_trajectory(trajectory: Trajectory, label: str, critique: str = "") -> str:
    """One trajectory as a block that starts with `<trajectory id="LABEL" ...>`, its critique (if any) at its end.

    A reply stands as the agent wrote it (normally a line `Thought: ...` and a line `Action: ...`), followed by a line
    `Observation: ...`.
    """
    outcome = _OUTCOMES[trajectory.status]
    lines = [
        f'<trajectory id="{label}" category="{trajectory.category}" outcome="{outcome}" steps="{len(trajectory.steps)}">',
        f"Observation: {trajectory.opening}",
    ]
    for step in trajectory.steps:
        lines += [step.reply.strip(), f"Observation: {step.observation}"]
    if critique:
        lines += ["<critique>", critique.strip(), "</critique>"]
    lines.append("</trajectory>")
    return "\n".join(lines)
