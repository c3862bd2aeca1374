"""The simulated player on generated documents: what it answers when taught, what untaught, how each lack shows."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from envs.logisticsqa.documents import parse_document
from envs.logisticsqa.episode import LogisticsEpisode, Rules
from envs.logisticsqa.generator import Document, generate
from envs.logisticsqa.lessons import LESSONS, MISCONCEPTIONS
from envs.logisticsqa.player import HEADER, LINES, REFERENCES, play
from envs.logisticsqa.simulated import LogisticsQASimulated
from envs.logisticsqa.texts import GOAL
from envs.logisticsqa.xpath import XPathWorker
from fgo.llm.sim.draws import draw
from fgo.llm.sim.rulebook import CARELESS, Rulebook
from fgo.llm.tokens import count_text

BOOK = Rulebook([LogisticsQASimulated()])
LESSON_NAMES = frozenset(lesson.name for lesson in LESSONS)
REPLY = re.compile(r"Thought: [^\n]+\nAction: (xpath|answer) \{[^\n]+\}")
RIGHT, WRONG = "Your answer is right.", "Your answer is wrong."
Heeds = Callable[[str, str], bool]


@dataclass(frozen=True)
class Played:
    document: Document
    won: bool
    steps: int
    text: str

    @property
    def shown(self) -> set[str]:
        return set(BOOK.shown(self.text))


class Table:
    """Documents on which it is played. What the tools answer is asked once, as it never changes."""

    def __init__(self, worker: XPathWorker, documents: list[Document]) -> None:
        self.documents = documents
        self.by = cache(self._by)
        self._episodes = {
            document.id: LogisticsEpisode(
                parse_document(document.xml.encode()), GOAL, document.answer, worker, Rules("answer", 16_000)
            )
            for document in documents
        }
        self._openings = {document.id: asyncio.run(self._episodes[document.id].reset()) for document in documents}
        self._seen: dict[tuple[str, str], str] = {}

    def _by(self, followed: frozenset[str]) -> list[Played]:
        return self.play(lambda document, rule: rule in followed)

    def play(self, heeds: Callable[[Document, str], bool]) -> list[Played]:
        async def all_of_them() -> list[Played]:
            return [
                await self._play(document, lambda rule, _, d=document: heeds(d, rule)) for document in self.documents
            ]

        return asyncio.run(all_of_them())

    async def _play(self, document: Document, heeds: Heeds) -> Played:
        episode = self._episodes[document.id]
        turns = [{"role": "system", "content": ""}]
        turns.append({"role": "user", "content": f"Observation: {self._openings[document.id]}"})
        over = False
        while not over and len(turns) < 24:
            reply = play(turns, heeds)
            assert REPLY.fullmatch(reply)
            action = reply.partition("Action: ")[2]
            observation = self._seen.get((document.id, action), "")
            if not observation:
                if action.startswith("answer"):
                    await episode.reset()
                observation, over = await episode.step(action)
            if not over:
                self._seen[document.id, action] = observation
            turns.append({"role": "assistant", "content": reply})
            turns.append({"role": "user", "content": f"Observation: {observation}"})
        text = "\n".join(turn["content"] for turn in turns[1:]) + "\n"
        return Played(document, episode.score().success, len(turns) // 2 - 1, text)


@pytest.fixture(scope="module")
def worker() -> Iterator[XPathWorker]:
    worker = XPathWorker()
    yield worker
    worker.close()


@pytest.fixture(scope="module")
def table(worker) -> Table:
    return Table(worker, [*generate(0, "train", 24), *generate(0, "test", 18)])


def won(results: list[Played]) -> int:
    return sum(result.won for result in results)


def test_a_player_that_heeds_all_lessons_answers_everything_in_four_steps_and_few_tokens(table):
    results = table.by(LESSON_NAMES)
    assert won(results) == len(results)
    assert {result.steps for result in results} == {4}
    assert max(count_text(result.text) for result in results) < 4_000


def test_a_player_that_heeds_none_answers_nothing(table):
    assert won(table.by(frozenset())) == 0


@pytest.mark.parametrize(("chance", "low", "high"), [(0.37, 0.1, 0.35), (0.921, 0.7, 0.95)])
def test_the_simulated_models_chances_leave_much_to_learn_and_successes_to_learn_from(table, chance, low, high):
    results = [
        result
        for seed in range(3)
        for result in table.play(lambda d, rule, s=seed: rule in LESSON_NAMES and draw(s, "heed", d.id, rule) < chance)
    ]
    assert low < won(results) / len(results) < high


@pytest.mark.parametrize("lesson", sorted(LESSON_NAMES))
def test_the_lack_of_a_lesson_shows_in_failures_and_its_presence_never_shows(table, lesson):
    results, right = table.by(LESSON_NAMES - {lesson}), table.by(LESSON_NAMES)
    lacking = [result for result in results if not result.won]
    assert len(lacking) >= 3
    for result in lacking:
        assert lesson in result.shown, result.text
        assert WRONG in result.text
    assert not any(result.shown for result in right)
    assert all(result.text.rstrip().endswith(RIGHT) for result in right)


def test_an_untaught_players_trajectory_shows_every_lesson_that_its_document_calls_for(table):
    names = {
        "overhead": "overhead_account", "credit": "credit_billing", "collective": "collective_lines",
        "shipment": "shipment_id", "despatch": "despatch_730", "additional": "additional_aas", "order": "order_610",
        "payment": "payment_93", "note": "note_tra", "freight": "freight_7810", "check": "check_digit",
        "range": "range_positions", "superseded": "superseded_number", "strip": "plain_digits",
        "letter": "department_letter", "zero": "free_line",
    }  # fmt: skip
    for result in table.by(frozenset()):
        assert {names[rule] for rule in result.document.family.rules} <= result.shown, result.text


@pytest.mark.parametrize("rule", [rule.name for rule in MISCONCEPTIONS])
def test_following_a_false_rule_costs_answers_and_shows_there(table, rule):
    results = table.by(LESSON_NAMES - {rule.removesuffix(CARELESS)} | {rule, rule.removesuffix(CARELESS)})
    misled = [result for result in results if not result.won]
    assert len(misled) >= 3
    assert all(rule in result.shown for result in misled)


def test_what_a_player_sees_and_says_states_no_rule(table):
    for followed in (LESSON_NAMES, frozenset[str]()):
        for result in table.by(followed):
            for line in result.text.splitlines():
                assert BOOK.stated_in_line(line.strip()) == (), line


def test_the_player_knows_no_more_than_its_conversation_says():
    turns = [{"role": "user", "content": "Observation: The document is a UBL Invoice."}]
    replies = {play(list(turns), lambda rule, _: True) for _ in range(3)}
    assert len(replies) == 1
    assert HEADER in replies.pop()


def test_pages_are_read_on_and_lost_steps_asked_for_again():
    turns = [{"role": "user", "content": "Observation: The document is a UBL Invoice."}]

    def told(reply: str, observation: str) -> str:
        turns.append({"role": "assistant", "content": reply})
        turns.append({"role": "user", "content": f"Observation: {observation}"})
        return play(turns, lambda rule, _: True)

    first = play(turns, lambda rule, _: True)
    note = "[Invoice/cbc:Note[1]]\n<cbc:Note>#TRA#Transport 24711004</cbc:Note>\n[page 1 of 2; ask for page 2 to go on]"
    second = told(first, note)
    assert '"page": 2' in second
    assert REFERENCES in told(second, "[Invoice/cbc:Note[2]]\n<cbc:Note>Tak</cbc:Note>\n[page 2 of 2]")
    unread = told("I think.", "Your reply could not be read.")
    assert LINES in told(unread, "Nothing matches. Names are case-sensitive; the outline shows them.")
    last = told(play(turns, lambda rule, _: True), "Nothing matches. Names are case-sensitive; the outline shows them.")
    assert last.endswith('Action: answer {"references": ["24711004"]}')
    del turns[1:5]  # as a full window drops them
    assert HEADER in play(turns, lambda rule, _: True)


@pytest.mark.parametrize(
    "observation", ["", "Nothing matches.", "[a]\n<b", "[Invoice/cac:OrderReference]\n</x>\n<cbc:ID>", "\0"]
)
def test_any_conversation_gets_a_readable_reply(observation):
    for seed in range(5):
        turns = [{"role": "user", "content": "Observation: x"}]
        for _ in range(6):
            reply = play(turns, lambda rule, occasion, seed=seed: draw(seed, "heed", rule, occasion) < 0.5)
            assert REPLY.fullmatch(reply)
            turns += [
                {"role": "assistant", "content": reply},
                {"role": "user", "content": f"Observation: {observation}"},
            ]


def test_a_document_of_another_making_is_answered_with_what_looks_most_like_a_transport():
    xml = (
        '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" '
        'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
        'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
        "<cac:DespatchDocumentReference><cbc:ID>DESP-1</cbc:ID></cac:DespatchDocumentReference></Invoice>"
    )
    document = Document("x", xml, ("DESP-1",), "invoice", (), generate(0, "train", 1)[0].family)
    worker = XPathWorker()
    try:
        (result,) = Table(worker, [document]).play(lambda _, rule: rule in LESSON_NAMES)
    finally:
        worker.close()
    assert result.won
