from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.llm.local.gguf import NotGGUF, read_metadata, read_model_file
from tests.fgo.llm.local.files import gguf, write_gguf


def test_a_files_facts_come_from_its_header_and_its_contents(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", "Tiny Model 0.5B")
    facts = read_model_file(path)
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (facts.name, facts.architecture, facts.quantisation) == ("Tiny Model 0.5B", "tiny", "Q4_K_M")
    assert facts.context == 4096
    assert facts.chat_template
    assert facts.bytes == path.stat().st_size
    assert facts.slug == "tiny-model-0.5b-q4_k_m"


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", "Old")
    before = read_model_file(path)
    write_gguf(path, "Newer")
    assert read_model_file(path).sha256 != before.sha256


def test_a_file_without_a_name_or_template_is_named_after_itself(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(gguf(general__architecture="x"))
    facts = read_model_file(path)
    assert (facts.name, facts.quantisation, facts.context, facts.chat_template) == ("mine", "", 0, "")


def test_what_is_no_gguf_file_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_text("# a page of a web server")
    with pytest.raises(NotGGUF, match=r"a\.gguf: is no GGUF file"):
        read_model_file(tmp_path / "a.gguf")
    with pytest.raises(NotGGUF, match="is no file"):
        read_model_file(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        read_model_file(tmp_path / "b.gguf")


def test_a_header_that_is_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = write_gguf(tmp_path / "whole.gguf").read_bytes()
    for end in range(4, len(whole)):
        path = tmp_path / "cut.gguf"
        path.write_bytes(whole[:end])
        with pytest.raises(NotGGUF):
            read_metadata(path)


@given(st.binary(max_size=200))
def test_no_garbage_after_the_magic_does_more_than_be_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "wild.gguf"
    path.write_bytes(b"GGUF\x03\0\0\0" + b"\0" * 8 + data)
    try:
        found = read_metadata(path)
    except NotGGUF:
        return
    assert len(found) <= 16  # a header of so few bytes holds no more
