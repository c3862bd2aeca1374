"""The bubblewrap command line: what a sandbox sees of the machine."""

from __future__ import annotations

import os
import shutil
import site
import sys
import sysconfig
from functools import cache
from pathlib import Path

from fgo.sandbox.identity import becomes_other

SCRATCH = "/scratch"
"""The working folder inside; also the home and the folder of temporary files."""

_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/libx32", "/bin", "/sbin", "/nix/store", "/gnu/store")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives")

ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    # a pool of threads for each core reserves more memory than a sandbox has
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""All that the model's code sees of environment variables, but HOME and TMPDIR."""


def find() -> str | None:
    """Where bubblewrap is installed."""
    return shutil.which("bwrap")


@cache
def interpreter() -> Path:
    """The Python below a virtual environment, links resolved: its own folder is all it needs."""
    return Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()


@cache
def libraries() -> tuple[str, ...]:
    """The folders of installed packages. Not the project's own: an editable install leaves only a pointer there."""
    own = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}
    own.update(path for path in sys.path if Path(path).name in ("site-packages", "dist-packages"))
    return tuple(sorted(path for path in own if Path(path).is_dir()))


@cache
def _python_folders() -> tuple[str, ...]:
    """Prefixes of the interpreter and folders of packages, each once, outermost only."""
    prefixes = [str(Path(prefix).resolve()) for prefix in (sys.base_prefix, sys.base_exec_prefix)]
    executable = interpreter()
    if (executable.parents[1] / "lib" / f"python{sysconfig.get_python_version()}").is_dir():
        prefixes.append(str(executable.parents[1]))
    wanted = sorted({*prefixes, sys.base_prefix, *libraries()} - {"/"})
    kept: list[str] = []
    for folder in wanted:
        if not any(folder == other or folder.startswith(other + "/") for other in (*kept, "/usr")):
            kept.append(folder)
    return tuple(kept)


def command(bubblewrap: str, disk_bytes: int, program: list[str]) -> list[str]:
    """The whole command. The root and /proc are read-only: to root's own eyes too, who could else turn the kernel's knobs."""
    binds: list[str] = []
    bound = list(filter(os.path.exists, (*_SYSTEM_FILES, *_python_folders())))
    temporary = [] if any(name.startswith("/tmp/") for name in bound) else ["--symlink", SCRATCH, "/tmp"]
    for folder in _SYSTEM:
        path = Path(folder)
        if path.is_symlink():
            binds += ["--symlink", str(path.readlink()), folder]
        elif path.is_dir():
            binds += ["--ro-bind", folder, folder]
    for name in bound:
        for parent in list(reversed(Path(name).parents))[1:]:  # empty, for all to pass; else bubblewrap's are root's
            binds += ["--dir", str(parent)]
        binds += ["--ro-bind", name, name]
    variables = [part for pair in {**ENVIRONMENT, **homes(SCRATCH)}.items() for part in ("--setenv", *pair)]
    return [
        *(
            bubblewrap,
            *_identity(),
            "--hostname",
            "sandbox",
            "--die-with-parent",
            "--new-session",
            "--as-pid-1",
            "--clearenv",
            *variables,
        ),
        *binds,
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(1 << 20), "--tmpfs", "/dev/shm"),  # for the locks of multiprocessing
        *("--perms", "1777", "--size", str(disk_bytes), "--tmpfs", SCRATCH, *temporary),
        *("--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", SCRATCH),
        *("--", *program),
    ]


def _identity() -> list[str]:
    """Who the code is. Root needs no user namespace, in which he would be root still to the kernel's eyes. His supervisor
    keeps what it needs to make its worker somebody else, watch and end him.
    """
    if not becomes_other():
        return [
            "--unshare-all",
            "--unshare-user",
            "--disable-userns",
            "--cap-drop",
            "ALL",
            "--uid",
            "1000",
            "--gid",
            "1000",
        ]
    spaces = [
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--cap-drop",
        "ALL",
    ]
    for kept in ("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_SYS_PTRACE"):
        spaces += ["--cap-add", kept]
    return spaces


def homes(scratch: str) -> dict[str, str]:
    return {"HOME": scratch, "TMPDIR": scratch}
