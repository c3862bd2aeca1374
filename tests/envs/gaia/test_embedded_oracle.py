"""Each task of the embedded set can be solved through the tools that agents have, and its solution does so."""

import json
import re

import pytest

from envs.gaia.scorer import is_right
from tests.envs.gaia.embedded_set import on_bench, tasks

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def seen():
    """For each test task, what its solution's actions but the last were answered."""

    async def work(bench):
        return {
            task["id"]: [await bench.act(task, action) for action in task["solution"][:-1]]
            for task in tasks()
            if task["split"] == "test"
        }

    return on_bench(work)


def _flat(text):
    return re.sub(r"\s+", " ", text)


def _of(task_id):
    return next(task for task in tasks() if task["id"] == task_id)


def test_no_action_of_a_solution_is_refused(seen):
    for said in seen.values():
        for observation in said:
            assert not re.search(r"404|Traceback|There is no|can't be|Nothing was found", observation)


def test_what_python_prints_is_the_answer_and_its_figures_were_seen_before(seen):
    checked = 0
    for task_id, said in seen.items():
        task = _of(task_id)
        for number, action in enumerate(task["solution"][:-1]):
            if action.startswith("python "):
                assert is_right(said[number].strip(), task["answer"]), task_id
                code = json.loads(action.partition(" ")[2])["code"]
                known = "\n".join([task["question"], *said[:number]])
                figures = [figure for figure in _NUMBER.findall(code) if len(figure) > 2 and figure != "100"]
                assert [figure for figure in figures if figure not in known] == [], task_id
                checked += 1
    assert checked >= 12


def test_an_answer_that_is_not_calculated_was_read(seen):
    checked = 0
    for task_id, said in seen.items():
        task = _of(task_id)
        if not any(action.startswith("python ") for action in task["solution"]):
            for part in task["answer"].split(", "):
                assert part in _flat("\n".join(said)), task_id
            checked += 1
    assert checked >= 8


def test_pages_that_a_solution_visits_were_linked_found_or_can_be_named_from_the_question(seen):
    for task_id, said in seen.items():
        task = _of(task_id)
        for number, action in enumerate(task["solution"][:-1]):
            if action.startswith("visit "):
                url = json.loads(action.partition(" ")[2])["url"]
                page = re.sub(r"^https://archive\.example/\d{4}/", "", url)
                assert page in "\n".join(said[:number]), (task_id, url)
