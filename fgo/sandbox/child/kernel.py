"""What a process asks of the Linux kernel to tie its own hands, by way of libc: prctl, and a filter of system calls.

The filter closes what neither namespaces nor limits on resources do: memory that no process seems to use (memfd, System V
shared memory), kernel keys, further namespaces, io_uring and other doors that model-written Python has no need of. Without
a network namespace it also closes every socket (but pairs of them), and signals to "everybody".
"""

from __future__ import annotations

import ctypes
import os
import struct

_SET_DEATH_SIGNAL, _SET_DUMPABLE, _KEEP_CAPABILITIES, _SET_SECCOMP, _SET_SUBREAPER, _SET_NO_NEW_PRIVS = (
    1,
    4,
    8,
    22,
    36,
    38,
)
_READ_SEARCH = 1 << 2  # CAP_DAC_READ_SEARCH
_libc = ctypes.CDLL(None, use_errno=True)

# linux/filter.h, linux/seccomp.h
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _EACCES, _ENOSYS = 1, 13, 38
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET

_X86_64 = {
    "socket": 41, "clone": 56, "kill": 62, "unshare": 272, "clone3": 435, "memfd_create": 319, "memfd_secret": 447,
    "shmget": 29, "msgget": 68, "add_key": 248, "request_key": 249, "keyctl": 250, "io_uring_setup": 425, "bpf": 321,
    "userfaultfd": 323, "perf_event_open": 298, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
    "setns": 308, "fsopen": 430, "open_tree": 428, "move_mount": 429, "mount_setattr": 442, "ptrace": 101,
    "process_vm_readv": 310, "process_vm_writev": 311, "open_by_handle_at": 304, "kexec_load": 246, "init_module": 175,
    "finit_module": 313, "delete_module": 176, "reboot": 169, "swapon": 167, "swapoff": 168, "acct": 163,
}  # fmt: skip
_AARCH64 = {
    "socket": 198, "clone": 220, "kill": 129, "unshare": 97, "clone3": 435, "memfd_create": 279, "memfd_secret": 447,
    "shmget": 194, "msgget": 186, "add_key": 217, "request_key": 218, "keyctl": 219, "io_uring_setup": 425, "bpf": 280,
    "userfaultfd": 282, "perf_event_open": 241, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51,
    "setns": 268, "fsopen": 430, "open_tree": 428, "move_mount": 429, "mount_setattr": 442, "ptrace": 117,
    "process_vm_readv": 270, "process_vm_writev": 271, "open_by_handle_at": 265, "kexec_load": 104, "init_module": 105,
    "finit_module": 273, "delete_module": 106, "reboot": 142, "swapon": 224, "swapoff": 225, "acct": 89,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}  # AUDIT_ARCH_*, numbers of calls

FILTERED = os.uname().machine in _MACHINES and ctypes.sizeof(ctypes.c_void_p) == 8
"""Whether this machine's system calls are known here; elsewhere there is no filter."""


def _prctl(option: int, *arguments: object) -> None:
    if _libc.prctl(option, *arguments, *(0,) * (4 - len(arguments))) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")


def die_with_parent() -> None:
    _prctl(_SET_DEATH_SIGNAL, ctypes.c_ulong(9))


def adopt_orphans() -> None:
    """Descendants whose parent ends become children of this process."""
    _prctl(_SET_SUBREAPER, ctypes.c_ulong(1))


def become(user: int, reading: bool) -> None:
    """From root to a user whom nobody else is. `reading`: keep the right to read all files, as an interpreter needs that
    lies in root's home. Raises OSError where this root may not.
    """
    if reading:
        _prctl(_KEEP_CAPABILITIES, ctypes.c_ulong(1))
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    if reading:
        header = struct.pack("Ii", 0x20080522, 0)  # version 3, this process
        if _libc.capset(header, struct.pack("6I", _READ_SEARCH, _READ_SEARCH, 0, 0, 0, 0)) != 0:
            number = ctypes.get_errno()
            raise OSError(
                number, "root may not hand on its right to read Python's files: keep Python out of root's home"
            )


def hide_memory(hidden: bool) -> None:
    """Whether other processes of the same user are kept from this one's memory and file descriptors."""
    _prctl(_SET_DUMPABLE, ctypes.c_ulong(not hidden))


def filter_system_calls(own_network: bool) -> None:
    """Close dangerous calls for this process and all it will start, for good. `own_network`: sockets can't do harm."""
    program = _program(own_network)
    instructions = ctypes.create_string_buffer(b"".join(program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]

    handed = Program(len(program), ctypes.addressof(instructions))
    _prctl(_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))
    _prctl(_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(handed))


def _program(own_network: bool) -> list[bytes]:
    """BPF: each block tests one call and falls through to the next."""
    architecture, numbers = _MACHINES[os.uname().machine]
    numbers = dict(numbers)
    code = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, skip_true=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if architecture == 0xC000003E:  # the x32 numbers are other ways to the same calls
        code += [_step(_ANY_BIT, 0x40000000, skip_false=1), _step(_RETURN, _FAIL | _ENOSYS)]
    code += [
        _step(_EQUAL, numbers.pop("clone3"), skip_false=1),
        _step(_RETURN, _FAIL | _ENOSYS),  # its flags can't be seen; libc then uses clone
        _step(_EQUAL, numbers.pop("clone"), skip_false=4),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_ANY_BIT, _NEW_NAMESPACES, skip_false=1),
        _step(_RETURN, _FAIL | _EPERM),
        _step(_RETURN, _ALLOW),
    ]
    socket, kill = numbers.pop("socket"), numbers.pop("kill")
    if not own_network:
        code += [
            _step(_EQUAL, socket, skip_false=1),
            _step(_RETURN, _FAIL | _EACCES),
            _step(_EQUAL, kill, skip_false=4),
            _step(_LOAD, _FIRST_ARGUMENT),
            _step(_EQUAL, 0xFFFFFFFF, skip_false=1),
            _step(_RETURN, _FAIL | _EPERM),
            _step(_RETURN, _ALLOW),
        ]
    for number in numbers.values():
        code += [_step(_EQUAL, number, skip_false=1), _step(_RETURN, _FAIL | _EPERM)]
    return [*code, _step(_RETURN, _ALLOW)]


def _step(operation: int, value: int, skip_true: int = 0, skip_false: int = 0) -> bytes:
    return struct.pack("HBBI", operation, skip_true, skip_false, value)
