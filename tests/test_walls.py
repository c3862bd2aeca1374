"""Who may know whom: what lets a stranger change one part without reading the others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = sorted(path.parent.name for path in (ROOT / "envs").glob("*/__init__.py"))
OWN = ("fgo", "envs", "experiments", "tests", "conf")
HEAVY = (
    "litellm", "wandb", "alfworld", "textworld", "datasets", "pyarrow", "huggingface_hub", "sklearn", "matplotlib",
    "dspy", "gepa", "optuna",
    "bs4", "cv2", "docx", "httpx", "markdownify", "mutagen", "openpyxl", "PIL", "pptx", "pypdf", "rapidocr_onnxruntime",
)  # fmt: skip


def modules(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found
    return found


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(module, whether it is imported with the file), in functions and under TYPE_CHECKING too; names imported from a
    package as modules of it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {
        id(node)
        for owner in ast.walk(tree)
        if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(owner, ast.If) and "TYPE_CHECKING" in ast.dump(owner.test))
        for node in ast.walk(owner)
    }
    for node in ast.walk(tree):
        early = id(node) not in late
        if isinstance(node, ast.Import):
            yield from ((alias.name, early) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield str(node.module), early
            yield from ((f"{node.module}.{alias.name}", early) for alias in node.names)


def own_imports(path: Path) -> set[str]:
    return {name for name, _ in imports(path) if name.split(".")[0] in OWN}


def test_the_walls_are_looked_for_where_imports_are(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "import os\nfrom fgo import types\nif TYPE_CHECKING:\n    import wandb\ndef f():\n    import litellm\n"
    )

    assert list(imports(module)) == [
        ("os", True), ("fgo", True), ("fgo.types", True), ("wandb", False), ("litellm", False)
    ]  # fmt: skip


def test_the_method_and_its_rivals_know_no_benchmark_and_no_experiment() -> None:
    for path in modules("fgo"):
        assert {name.split(".")[0] for name in own_imports(path)} <= {"fgo"}, path


def allowed(name: str, benchmark: str | None) -> bool:
    if name == "fgo":  # `from fgo import x` names x as well, which is looked at for itself
        return True
    if name.startswith("fgo."):
        return name.split(".")[1] in ("types", "sandbox")
    if name == "envs":
        return True
    part = name.split(".")[1] if name.startswith("envs.") else ""
    return bool(part) and (part == benchmark or part not in BENCHMARKS)


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_a_benchmark_knows_the_vocabulary_and_no_other_benchmark(benchmark: str) -> None:
    for path in modules(f"envs/{benchmark}"):
        assert [name for name in own_imports(path) if not allowed(name, benchmark)] == [], path


def test_what_benchmarks_share_knows_none_of_them() -> None:
    for path in sorted((ROOT / "envs").glob("*.py")):
        assert [name for name in own_imports(path) if not allowed(name, None)] == [], path


@pytest.mark.parametrize("folder", ["fgo", "envs", "experiments"])
def test_nothing_knows_the_tests(folder: str) -> None:
    for path in modules(folder):
        assert not any(name.split(".")[0] == "tests" for name, _ in imports(path)), path


@pytest.mark.parametrize("folder", ["fgo", "envs", "experiments"])
def test_heavy_libraries_are_imported_by_the_functions_that_need_them(folder: str) -> None:
    for path in modules(folder):
        heavy = [name for name, early in imports(path) if early and name.split(".")[0] in HEAVY]
        assert heavy == [], path
