"""Opens zip containers (archives and office files are both) without falling for bombs, links or escapes.

Nothing is ever unpacked to disk. Python's zipfile never reads more of a member than its declared size, so that limits on
declared sizes bound what is read.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from pathlib import PurePosixPath

from envs.gaia.tools.readers.source import Unreadable, explain, size_of

MOST_MEMBERS = 10_000
MOST_BYTES = 256 * 2**20  # of all members together, unpacked
MOST_MEMBER_BYTES = 64 * 2**20
MOST_RATIO = 200  # unpacked to packed; a spreadsheet's XML reaches 50
RATIO_MATTERS_FROM = 2**20  # bytes unpacked
_MARKUP = (".xml", ".rels", ".vml")
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def open_zip(data: bytes) -> zipfile.ZipFile:
    """The container. Raises Unreadable where it is broken or would unpack to too much."""
    try:
        container = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise Unreadable(f"it is no whole zip container ({explain(error)})") from error
    members = container.infolist()
    if len(members) > MOST_MEMBERS:
        raise Unreadable(f"it has {len(members):,} members; no more than {MOST_MEMBERS:,} are read")
    total = sum(member.file_size for member in members)
    if total > MOST_BYTES:
        raise Unreadable(f"it would unpack to {size_of(total)}; no more than {size_of(MOST_BYTES)} are unpacked")
    for member in members:
        if problem := _oversized(member):
            raise Unreadable(problem)
    return container


def read_member(container: zipfile.ZipFile, name: str) -> bytes:
    """A member's bytes. Raises Unreadable, listing near names, for one that there is not or that may not be read."""
    found = [member for member in container.infolist() if member.filename == name and not member.is_dir()]
    if not found:
        names = [member.filename for member in container.infolist() if not member.is_dir()]
        shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
        raise Unreadable(f"it has no member {name[:200]!r}; its members: {shown or 'none'}")
    member = found[-1]  # as every unpacker: the last of a name wins
    if problem := refusal(member):
        raise Unreadable(f"its member {name[:200]!r} is not read: {problem}")
    try:
        return container.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(f"its member {name[:200]!r} is damaged ({explain(error)})") from error


def refusal(member: zipfile.ZipInfo) -> str:
    """Why a member may not be read; "" where it may."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in (path.parts or ("",))[0]:
        return "its name leads out of the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "it is a symbolic link"
    if member.flag_bits & 1:
        return "it is encrypted"
    return ""


def check_markup(container: zipfile.ZipFile) -> None:
    """Refuse an office file whose XML declares types or entities: office programs write none, attacks do."""
    for member in container.infolist():
        if not member.filename.lower().endswith(_MARKUP):
            continue
        content = read_member(container, member.filename)
        if _DTD.search(content.replace(b"\0", b"")):  # without zeros, UTF-16 reads as ASCII
            raise Unreadable(f"its part {member.filename!r} declares XML entities, which are not read")


def _oversized(member: zipfile.ZipInfo) -> str:
    if member.file_size > MOST_MEMBER_BYTES:
        return (
            f"its member {member.filename[:200]!r} would unpack to {size_of(member.file_size)}; "
            f"no more than {size_of(MOST_MEMBER_BYTES)} are unpacked"
        )
    if member.file_size > RATIO_MATTERS_FROM and member.file_size > MOST_RATIO * max(member.compress_size, 1):
        return f"its member {member.filename[:200]!r} unpacks to over {MOST_RATIO} times its size, like a zip bomb"
    return ""
