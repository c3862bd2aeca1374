"""Zip archives: a list of what is in them."""

from __future__ import annotations

from envs.gaia.tools.readers.container import open_zip, refusal
from envs.gaia.tools.readers.source import Reading, Source

_SHOWN = 500


def read_zip(source: Source) -> Reading:
    with open_zip(source.data) as container:
        members = container.infolist()
    lines = [f"[zip archive with {len(members)} member(s); read one with the argument member]"]
    for member in members[:_SHOWN]:
        if member.is_dir():
            lines.append(f"{member.filename} (folder)")
            continue
        problem = refusal(member)
        lines.append(f"{member.filename} ({member.file_size:,} bytes{'; not read: ' + problem if problem else ''})")
    if len(members) > _SHOWN:
        lines.append(f"... and {len(members) - _SHOWN} more")
    return Reading("\n".join(lines))
