"""The embedded set without its tools: what it holds, that its splits share nothing, that it is the same each time."""

import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import PurePosixPath

import pytest

from envs.gaia.embedded.templates import TEMPLATES
from envs.gaia.embedded.write import VARIANTS, make_set

KINDS = {
    ".xlsx", ".csv", ".docx", ".pptx", ".pdf", ".txt", ".json", ".jsonld", ".xml", ".py", ".zip", ".png", ".jpg", ".mp3", ".pdb",
}  # fmt: skip
SET = make_set(0)
BY_SPLIT = {split: [made for made in SET.tasks if made.split == split] for split in VARIANTS}


def _index_digest(made):
    return hashlib.sha256(json.dumps(made.index()).encode()).hexdigest()


def _everything(made):
    hasher = hashlib.sha256()
    for task in made.tasks:
        for name, data in sorted(task.draft.files.items()):
            hasher.update(name.encode() + data)
    for page in made.pages:
        hasher.update(page.body if isinstance(page.body, bytes) else page.body.encode())
    return hasher.hexdigest()


def _words(task):
    """All that a task and its pages say, its answer and actions aside."""
    pages = [page.url + page.title + str(page.body) for page in task.draft.pages]
    return "\n".join([task.draft.question, *pages])


def test_splits_are_as_large_as_promised_and_test_holds_every_template_once():
    assert {split: len(tasks) for split, tasks in BY_SPLIT.items()} == {"train": 72, "validation": 48, "test": 24}
    assert Counter(task.template.level for task in BY_SPLIT["test"]) == {1: 10, 2: 10, 3: 4}
    assert [task.template.name for task in BY_SPLIT["test"]] == [template.name for template in TEMPLATES]


@pytest.mark.parametrize("split", VARIANTS)
def test_each_split_has_files_of_every_kind(split):
    kinds = {PurePosixPath(name).suffix for task in BY_SPLIT[split] for name in task.draft.files}
    assert kinds >= KINDS


def test_no_answer_occurs_twice():
    answers = Counter(task.draft.answer.lower() for task in SET.tasks)
    assert [answer for answer, count in answers.items() if count > 1] == []


def test_no_invented_name_of_one_task_is_told_by_another_or_by_a_page_that_no_task_needs():
    names = [(name, task.id) for task in SET.tasks for name in task.draft.names]
    assert len({name for name, _ in names}) == len(names)
    said = {task.id: set(re.findall(r"\w+", _words(task))) for task in SET.tasks}
    said["fillers"] = set(
        re.findall(r"\w+", "\n".join(str(page.body) for page in SET.pages if page not in _task_pages()))
    )
    for name, owner in names:
        if " " not in name:
            assert [other for other, words in said.items() if other != owner and name in words] == []


def _task_pages():
    return {page for task in SET.tasks for page in task.draft.pages}


def test_the_web_has_many_pages_each_at_its_own_address_with_a_past_and_a_pdf_among_them():
    addresses = [page.url for page in SET.pages]
    assert len(set(addresses)) == len(addresses) >= 80
    assert sum(url.startswith("https://archive.example/20") for url in addresses) >= len(VARIANTS)
    assert {page.content_type for page in SET.pages} == {"text/html", "application/pdf"}


def test_every_link_of_the_web_leads_somewhere():
    addresses = {page.url for page in SET.pages}
    links = [
        url for page in SET.pages if isinstance(page.body, str) for url in re.findall(r'href="([^"]+)"', page.body)
    ]
    assert len(links) > 80
    assert [url for url in links if url.replace("&amp;", "&") not in addresses] == []


def test_answers_are_numbers_without_units_or_short_strings_or_lists():
    for task in SET.tasks:
        answer = task.draft.answer
        assert answer == answer.strip()
        assert re.fullmatch(r"-?\d+(\.\d+)?|[A-Z][\w ]{2,40}|[\w ]+(, [\w ]+){2,}", answer), task.id


def test_a_solution_ends_with_the_answer_and_looks_things_up_before():
    for task in SET.tasks:
        *work, last = task.draft.answered
        assert json.loads(last.removeprefix("final_answer ")) == {"answer": task.draft.answer}
        used = {action.split(" ", 1)[0] for action in work}
        assert used & {"read_file", "visit"}, task.id
        assert ("read_file" in used) == bool(task.draft.files), task.id


def test_the_same_seed_makes_the_same_bytes_and_another_seed_another_set():
    again = make_set(0)
    assert _index_digest(again) == _index_digest(SET)
    assert _everything(again) == _everything(SET)
    other = make_set(1)
    assert {t.draft.answer for t in other.tasks if t.split == "test"}.isdisjoint(
        t.draft.answer for t in BY_SPLIT["test"] if t.draft.answer.isalpha()
    )


def test_another_process_makes_the_same_set():
    code = (
        "import hashlib, json; from envs.gaia.embedded.write import make_set;"
        "print(hashlib.sha256(json.dumps(make_set(0).index()).encode()).hexdigest())"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == _index_digest(SET)
