"""The process in which the model's code runs: takes blocks from the supervisor, runs each in one namespace, tells how it went.

Nothing here is trusted by the supervisor: the model's code shares this process and may do whatever it likes to it.
"""

from __future__ import annotations

import builtins
import io
import marshal
import math
import os
import resource
import sys

from fgo.sandbox.child.files import fill
from fgo.sandbox.child.frames import framed, pack, read_frame, write_all
from fgo.sandbox.child.kernel import FILTERED, become, die_with_parent, filter_system_calls, hide_memory
from fgo.sandbox.child.tracebacks import describe

_ONLY_AST = 0x400  # ast.PyCF_ONLY_AST: `ast` itself is slow to import
_SPARE_MEMORY = 32 << 20
_UNLIMITED = resource.RLIM_INFINITY


def work(settings: dict, commands: int, results: int, nonce: bytes) -> None:  # type: ignore[type-arg]
    """Never returns. `settings`: as sent by the harness (fgo/sandbox/launch.py)."""
    own = os.getpid()
    try:
        try:
            _prepare(settings)
        except BaseException as error:
            write_all(2, f"{type(error).__name__}: {error}".encode(errors="replace"))
            raise
        namespace = _main_module().__dict__
        sources: dict[str, list[str]] = {}
        write_all(results, nonce + framed(b""))
        while (body := read_frame(commands)) is not None:
            _reap_strays()
            _set_time_limit(settings["seconds"])
            problem = _run(marshal.loads(body), namespace, sources, settings["memory"])
            if os.getpid() != own:  # a fork of the model's code that came to its end
                os._exit(0)
            _room(True, settings)
            answer = pack([problem.encode("utf-8", "backslashreplace")])
            write_all(results, nonce + framed(answer))
            _room(False, settings)
    finally:
        os._exit(0 if os.getpid() != own else 1)


def _prepare(settings: dict) -> None:  # type: ignore[type-arg]
    """Limits, the way to libraries, and no trace of the harness among the modules."""
    if settings["user"]:
        become(settings["user"], settings["reading"])
    die_with_parent()  # (a change of user undoes this and the next)
    hide_memory(False)
    os.nice(10)  # the supervisor and the harness come first, whatever is forked here
    disk = settings["disk"]
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, disk),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_NPROC, settings["tasks"]),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 1 << 16),
    ):
        _lower(limit, value, value)
    _lower(resource.RLIMIT_AS, settings["memory"], settings["memory"] + _SPARE_MEMORY)
    if FILTERED:
        filter_system_calls(settings["guarded"])
    os.chdir(settings["scratch"])
    fill(".", settings.pop("files"))
    sys.path[:] = [path for path in sys.path if path] + settings["libraries"]
    sys.path.insert(0, settings["scratch"])  # modules that the code writes for itself
    sys.argv[:] = [""]
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.partition(".")[0] == "fgo"]:
        del sys.modules[name]


def _lower(limit: int, soft: int, hard: int) -> None:
    """Never above what this process may."""
    most = resource.getrlimit(limit)[1]
    if most != _UNLIMITED:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(limit, (soft, hard))


def _set_time_limit(seconds: float) -> None:
    """A second line behind the supervisor's watch: it may be starved, the kernel is not."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if most == _UNLIMITED else min(soft, most), most))


def _room(more: bool, settings: dict) -> None:  # type: ignore[type-arg]
    """Memory for the answer where the code used up its own."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard if more else min(settings["memory"], hard), hard))


def _main_module() -> object:
    """The namespace of all blocks; a true module, so that classes defined in it can be pickled and inspected."""
    module = type(sys)("__main__")
    module.__builtins__ = builtins  # type: ignore[attr-defined]
    sys.modules["__main__"] = module
    return module


def _reap_strays() -> None:
    """Children that the supervisor ended after the last block."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _run(
    command: dict,  # type: ignore[type-arg]
    namespace: dict,  # type: ignore[type-arg]
    sources: dict[str, list[str]],
    memory: int,
) -> str:
    """Run one command; "" or what went wrong."""
    _open_streams()
    try:
        namespace.update(command["variables"])
        if command["code"] is not None:
            _execute(command["code"], namespace, sources, show=command["function"] is None)
        if command["function"] is not None:
            _call(command["function"], command["arguments"], namespace)
        problem = ""
    except SystemExit as leaving:
        problem = "" if leaving.code in (None, 0) else f"SystemExit: {str(leaving.code)[:2000]}"
    except _NoSuchFunction as error:
        problem = str(error)
    except BaseException as error:
        problem = _described(error, sources)
        if isinstance(error, MemoryError):
            problem += f"\nThe code needed more memory than the {memory / 1e6:.0f} MB that it may use."
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException as error:  # closed, replaced, or out of memory
        problem = problem or f"The output could not be written: {_described(error, sources)}"
    return problem


def _described(error: BaseException, sources: dict[str, list[str]]) -> str:
    try:
        return describe(error, sources)
    except BaseException as failure:  # no memory or stack for more
        return f"{type(error).__name__} (its traceback can't be had: {type(failure).__name__})"


def _open_streams() -> None:
    """New ones for each block, for the model's code may have closed or replaced them."""
    for name, fd in (("stdout", 1), ("stderr", 2)):
        raw = open(fd, "wb", closefd=False, buffering=1 << 16)  # noqa: SIM115 (lives as long as the process)
        stream = io.TextIOWrapper(raw, "utf-8", "backslashreplace", line_buffering=True)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.displayhook = _show


def _show(value: object) -> None:
    if value is not None:
        print(repr(value))


def _execute(code: str, namespace: dict, sources: dict[str, list[str]], show: bool) -> None:  # type: ignore[type-arg]
    """Run the statements; print the value of a last expression, as Python's prompt does."""
    name = f"<code {len(sources) + 1}>"
    sources[name] = code.splitlines()
    tree = compile(code, name, "exec", _ONLY_AST, dont_inherit=True)
    last = None
    if show and tree.body and type(tree.body[-1]).__name__ == "Expr":
        last = tree.body.pop().value
    exec(compile(tree, name, "exec", dont_inherit=True), namespace)
    if last is not None:
        import _ast

        value = eval(compile(_ast.Expression(last), name, "eval", dont_inherit=True), namespace)
        if value is not None:
            namespace["_"] = value
            sys.displayhook(value)


class _NoSuchFunction(Exception):
    """Its text is the whole message."""


def _call(function: str, arguments: str, namespace: dict) -> None:  # type: ignore[type-arg]
    """Call a function of the namespace with keyword arguments from JSON, and print what it returns."""
    import json

    called = namespace.get(function)
    if not callable(called):
        own = sorted(
            name
            for name, value in namespace.items()
            if callable(value) and getattr(value, "__module__", None) == "__main__" and not name.startswith("_")
        )
        known = f"it defines {', '.join(own)}" if own else "it defines none"
        raise _NoSuchFunction(f"There is no function {function!r} in the code: {known}.")
    value = called(**json.loads(arguments))
    if isinstance(value, str):
        text = value
    else:
        try:
            text = json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            text = repr(value)
    sys.stdout.write(text)
