"""The program inside a sandbox as something to send: the modules of `child/`, compiled once in this process.

So a sandbox needs no file of this project, and a launch does not compile.
"""

from __future__ import annotations

import marshal
from functools import cache
from pathlib import Path

_MODULES = ("frames", "capture", "files", "processes", "kernel", "tracebacks", "worker", "supervisor")  # by dependency

BOOT = """
import marshal, os, sys
def take(size):
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            sys.exit(0)
        data += part
    return data
for name, code in marshal.loads(take(int.from_bytes(take(8), "big"))):
    module = sys.modules[name] = type(sys)(name)
    exec(code, module.__dict__)
module.main()
"""

FLAGS = ["-s", "-S", "-P", "-B"]
"""Of the interpreter: no site, no user folder, no path of its own. Not -I, which would unfix PYTHONHASHSEED."""


@cache
def payload() -> bytes:
    """What BOOT reads first: eight bytes of length, then names and code."""
    folder = Path(__file__).with_name("child")
    modules = []
    for name in _MODULES:
        full = f"fgo.sandbox.child.{name}"
        source = (folder / f"{name}.py").read_text("utf-8")
        modules.append((full, compile(source, f"<{full}>", "exec", dont_inherit=True)))
    data = marshal.dumps(modules)
    return len(data).to_bytes(8, "big") + data
