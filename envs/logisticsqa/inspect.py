"""`python -m envs.logisticsqa.inspect FOLDER`: opens every XML file below a folder, as an agent's tools would.

One line a document: its path, kind, size and the CPU time of all it was put through (its outline, the whole of it, each of its
sections by path, searches, XPath queries). Ends with `opened N/ALL`, and with status 1 unless all were.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from envs.logisticsqa.documents import Document, DocumentError, load_document
from envs.logisticsqa.names import Paths, is_element, resolve
from envs.logisticsqa.sections import outline, read, search, value_of
from envs.logisticsqa.xpath import XPathWorker, query
from envs.toolbox import ToolError

_QUERIES = ("//ID", "count(//cbc:*)", "//@*", "//*[contains(local-name(), 'Reference')]")


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m envs.logisticsqa.inspect FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".xml")
    worker = XPathWorker()
    times: list[float] = []
    try:
        for path in files:
            cpu = time.process_time() + worker.cpu_seconds
            try:
                document = load_document(path)
                exercise(document, worker)
            except (DocumentError, ToolError) as error:
                print(f"{path.relative_to(folder)}: NOT OPENED: {error}")
                continue
            times.append(1000 * (time.process_time() + worker.cpu_seconds - cpu))
            elements = sum(map(is_element, document.nodes))
            size = f"{len(document.source):,} bytes, {elements:,} elements"
            print(f"{path.relative_to(folder)}: {document.kind}, {size}, {times[-1]:.1f} ms")
    finally:
        worker.close()
    if times:
        print(f"CPU ms a document: mean {sum(times) / len(times):.1f}, max {max(times):.1f}")
    print(f"opened {len(times)}/{len(files)}")
    return 0 if files and len(times) == len(files) else 1


def exercise(document: Document, worker: XPathWorker) -> None:
    """Use each tool on a document. Raises ToolError where one fails, or a path does not lead back to its element."""
    outline(document)
    read(document)
    paths = Paths()
    sections = [child for child in document.root if is_element(child)]
    for section in sections:
        path = paths.of(section)
        if list(resolve(document.root, path)[0]) != [section]:
            raise ToolError(f"the path {path} does not lead to its element")
        read(document, path)
    values = [value for section in sections if (value := value_of(section))]
    for text in ("id", *values[:1]):
        search(document, text)
    for expression in _QUERIES:
        query(document, expression, worker)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
