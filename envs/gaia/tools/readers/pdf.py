"""PDF files: the text of each page, and what says that a page is a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping

from envs.gaia.tools.readers.source import Reading, Source, Unreadable

_MOST_PAGES = 2000


def read_pdf(source: Source) -> Reading:
    """Raises Unreadable for a file that is locked by a password."""
    from pypdf import PdfReader

    document = PdfReader(io.BytesIO(source.data))
    if document.is_encrypted and not document.decrypt(""):
        raise Unreadable("it is locked by a password")
    count = len(document.pages)
    about: Mapping[str, object] = document.metadata or {}
    facts = [f"{key}: {about[name]}" for key, name in (("title", "/Title"), ("author", "/Author")) if about.get(name)]
    blocks = [f"[PDF with {count} page(s)]" + "".join(f"\n{fact}" for fact in facts)]
    for number in range(min(count, _MOST_PAGES)):
        page = document.pages[number]
        text = page.extract_text().strip()
        blocks.append(f"--- page {number + 1} of {count} ---\n{text or '(no text on this page: it may be a picture)'}")
    if count > _MOST_PAGES:
        blocks.append(f"[cut: only the first {_MOST_PAGES} pages are shown]")
    return Reading("\n".join(blocks))
