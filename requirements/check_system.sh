#!/bin/sh
# Says what the system lacks before anything is installed. Argument: the Python that was found, or nothing.
missing=0
lacks() {
    echo "missing: $1" >&2
    missing=1
}
if [ -z "$1" ]; then
    lacks "Python 3.11 or 3.12 (3.13 is too new for TextWorld); name another with: make PYTHON=/path/to/python3.12"
elif ! "$1" -c 'import venv, ensurepip' 2>/dev/null; then
    lacks "the venv module of $1 (on Debian and Ubuntu: apt install python3-venv)"
elif ! "$1" -c 'import os, sys, sysconfig as s; sys.exit(not os.path.exists(os.path.join(s.get_paths()["include"], "Python.h")))'; then
    lacks "the headers of $1, to build extensions (on Debian and Ubuntu: apt install python3-dev)"
fi
command -v cc >/dev/null || command -v gcc >/dev/null || lacks "a C compiler (on Debian and Ubuntu: apt install build-essential)"
command -v c++ >/dev/null || command -v g++ >/dev/null || lacks "a C++ compiler (on Debian and Ubuntu: apt install build-essential)"
command -v cmake >/dev/null || lacks "cmake, which builds TextWorld's planner (on Debian and Ubuntu: apt install cmake)"
exit $missing
