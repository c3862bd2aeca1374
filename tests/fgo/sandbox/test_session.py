"""What an agent notices of a session when its code behaves."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from fgo.sandbox import PythonSession, SandboxConfig, call_function, run_code
from tests.fgo.sandbox.conftest import QUICK, Place


def test_a_session_keeps_variables_and_prints_what_the_prompt_would(place: Place) -> None:
    first, second, third, fourth = place.run("x = 20\nprint('hello')\nx + 1", "x *= 2", "'a' + \"'\"", "_, x")

    assert (first.output, first.error, first.limit) == ("hello\n21", "", "")
    assert second.output == ""
    assert third.output == '"a\'"'
    assert fourth.output == '("a\'", 40)'


def test_files_stand_in_the_working_folder_and_stay(place: Place) -> None:
    files = {"document.xml": b"<a/>", "größe 1.bin": bytes(range(256))}
    outcomes = place.run(
        "import os; sorted(os.listdir())",
        "open('document.xml').read(), open('größe 1.bin', 'rb').read() == bytes(range(256))",
        "open('new.txt', 'w').write('kept'); open('document.xml', 'a').write('more')",
        "open('new.txt').read(), open('document.xml').read()",
        files=files,
    )

    assert [outcome.error for outcome in outcomes] == [""] * 4
    assert outcomes[0].output == "['document.xml', 'größe 1.bin']"
    assert outcomes[1].output == "('<a/>', True)"
    assert outcomes[3].output == "('kept', '<a/>more')"


def test_an_error_shows_the_lines_of_the_code_alone_and_the_session_goes_on(place: Place) -> None:
    code = "import json\n\ndef parse(text):\n    return json.loads(text)\n\nprint('before')\nparse('{')"
    failed, after = place.run(code, "parse('[1]')")

    assert failed.output == "before"
    assert failed.limit == ""
    assert failed.error.splitlines()[:3] == [
        "Traceback (most recent call last):",
        "  line 7: parse('{')",
        "  line 4, in parse: return json.loads(text)",
    ]
    assert failed.error.splitlines()[3].startswith("json.decoder.JSONDecodeError: Expecting property name")
    assert "fgo" not in failed.error
    assert "decoder.py" not in failed.error
    assert after.output == "[1]"


def test_a_syntax_error_points_at_its_place(guarded: Place) -> None:
    assert guarded.one("x = 1\nif x\n    y").error == "  line 2\n    if x\n        ^\nSyntaxError: expected ':'"


def test_causes_and_keys_and_endless_recursion_are_told_briefly(guarded: Place) -> None:
    chained, key, deep = guarded.run(
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('bad rate') from e",
        "{}['Incoterm']",
        "def f(n):\n    return f(n + 1) + 1\nf(0)",
    )

    assert chained.error.splitlines()[-2:] == ["ValueError: bad rate", "(after ZeroDivisionError: division by zero)"]
    assert key.error.splitlines()[-1] == "KeyError: 'Incoterm'"
    assert deep.error.splitlines()[-1].startswith("RecursionError")
    assert len(deep.error) < 1000


def test_an_exception_whose_text_fails_or_is_endless_is_still_told(guarded: Place) -> None:
    broken, endless = guarded.run(
        "class E(BaseException):\n    def __str__(self):\n        raise KeyboardInterrupt\nraise E",
        "raise ValueError('x' * 10**6)",
    )

    assert broken.error.splitlines()[-1] == "E: (its text can't be had: KeyboardInterrupt)"
    assert len(endless.error) < 3000


def test_sys_exit_ends_a_block_but_not_the_session(guarded: Place) -> None:
    quiet, loud, after = guarded.run("x = 1\nimport sys\nsys.exit()", "sys.exit('no such file')", "x")

    assert (quiet.error, loud.error, after.output) == ("", "SystemExit: no such file", "1")


def test_output_keeps_order_and_both_ends_and_bytes_that_are_no_text(place: Place) -> None:
    mixed, long, odd, empty = place.run(
        "import sys, os\nprint('a')\nprint('b', file=sys.stderr)\nos.write(1, b'c\\n')\nprint('d')",
        "for n in range(30_000): print(n)",
        "print('\\ud800'); os.write(1, b'\\xff\\x00'); '\\udfff'",
        "input()",
    )

    assert mixed.output == "a\nb\nc\nd"
    assert long.output.startswith("0\n1\n2\n")
    assert long.output.endswith("29999")
    assert "characters left out here: output is cut at 2000" in long.output
    assert len(long.output) < 2100
    assert odd.output == "\\ud800\n\\xff\x00'\\udfff'"
    assert empty.error.endswith("EOFError: EOF when reading a line")


def test_code_may_close_its_streams_or_replace_them(place: Place) -> None:
    outcomes = place.run("import sys\nsys.stdout.close()", "sys.stdout = None", "print('here')")

    assert "closed file" in outcomes[0].error
    assert outcomes[2].output == "here"


def test_the_same_code_gives_the_same_answer_in_every_process(place: Place) -> None:
    code = "import os, time\nhash('cargo'), {'b', 'a', 'c'}, time.tzname, os.environ['LANG'], __name__"

    assert place.one(code).output == place.one(code).output != ""
    assert "('UTC', 'UTC')" in place.one(code).output


def test_libraries_are_there_and_the_harness_is_not(place: Place) -> None:
    numbers, tables, own, modules = place.run(
        "import numpy; int(numpy.arange(4).sum())",
        "import lxml.etree, openpyxl; lxml.etree.fromstring('<a><b/></a>').find('b').tag",
        "import fgo",
        "import sys; [name for name in sys.modules if 'fgo' in name]",
    )

    assert (numbers.output, tables.output) == ("6", "'b'")
    assert own.error.endswith("ModuleNotFoundError: No module named 'fgo'")
    assert modules.output == "[]"


def test_code_may_use_classes_processes_and_its_own_modules(place: Place) -> None:
    outcomes = place.run(
        "import pickle, dataclasses\n@dataclasses.dataclass\nclass Leg:\n    port: str\npickle.loads(pickle.dumps(Leg('Kiel')))",
        "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool: r = pool.map(abs, [-1, -2])\nr",
        "import subprocess\nsubprocess.run(['/bin/echo', 'hi'], capture_output=True, text=True).stdout",
        "open('helper.py', 'w').write('answer = 42')\nimport helper\nhelper.answer",
        "import os\nif os.fork() == 0:\n    print('child')\nelse:\n    os.wait()\n    print('parent')",
    )

    assert [outcome.error for outcome in outcomes] == [""] * 5
    assert [outcome.output for outcome in outcomes] == ["Leg(port='Kiel')", "[1, 2]", "'hi\\n'", "42", "child\nparent"]


def test_nothing_goes_on_between_blocks(place: Place) -> None:
    outcomes = place.run(
        "import subprocess\nchild = subprocess.Popen(['sleep', '60'], start_new_session=True)",
        "child.wait()",
    )

    assert [outcome.error for outcome in outcomes] == [""] * 2
    assert outcomes[1].output in ("-9", "0")  # ended with its block; its parent may have come too late for its status


def test_a_stopped_session_counts_no_time(guarded: Place) -> None:
    async def go() -> tuple[int, int]:
        async with PythonSession(guarded.config) as session:
            await session.start()
            code = "import threading, time\nn = 0\ndef count():\n    global n\n    while True: n += 1\n"
            await session.run(code + "threading.Thread(target=count, daemon=True).start()\ntime.sleep(0.05)")
            before = int((await session.run("n")).output)
            await asyncio.sleep(0.5)
            return before, int((await session.run("n")).output)

    before, after = asyncio.run(go())
    assert 0 < before <= after < before * 5


def test_a_limit_ends_the_process_and_the_next_block_says_that_state_is_lost(place: Place) -> None:
    first, stopped, lost, again = place.run(
        "x = 1; open('own', 'w')", "while True: pass", "x", "1", seconds=0.3, files={"a": b""}
    )

    assert first.limit == ""
    assert stopped.limit == "time"
    assert stopped.error.startswith("The code ran longer than 0.3 s.")
    assert "variables and files are lost" in stopped.error
    assert lost.output.startswith("[A new Python process:")
    assert lost.error.endswith("NameError: name 'x' is not defined")
    assert again.output == "1"


def test_a_new_process_has_the_files_of_the_start(guarded: Place) -> None:
    outcomes = guarded.run(
        "open('a', 'w').write('changed'); import os; os._exit(1)", "open('a').read()", files={"a": b"given"}
    )

    assert outcomes[1].output.endswith("'given'")


def test_functions_take_json_and_give_text_json_or_repr(place: Place) -> None:
    source = "def f(kind, n=1):\n    return {'text': 'a\\n', 'json': {'ü': [n, None]}, 'repr': {1, 2}}[kind]"
    config = place.config

    async def call(arguments: dict[str, object], name: str = "f") -> object:
        outcome = await call_function(source, name, arguments, {}, config)
        return outcome.error or outcome.output

    assert asyncio.run(call({"kind": "text"})) == "a\n"
    assert asyncio.run(call({"kind": "json", "n": 2.5})) == json.dumps({"ü": [2.5, None]}, ensure_ascii=False)
    assert asyncio.run(call({"kind": "repr"})) == "{1, 2}"
    assert "missing 1 required positional argument: 'kind'" in str(asyncio.run(call({})))
    assert asyncio.run(call({}, "g")) == "There is no function 'g' in the code: it defines f."


def test_a_session_calls_the_functions_that_it_was_taught(guarded: Place) -> None:
    async def go() -> list[str]:
        async with PythonSession(guarded.config) as session:
            await session.start({"d.txt": b"seven"})
            source = "def read():\n    print('reading')\n    return open('d.txt').read()\nread()"
            first = await session.call("read", {}, source)
            second = await session.call("read", {})
            return [first.output, second.output]

    assert asyncio.run(go()) == ["reading\nreading\nseven", "reading\nseven"]


def test_one_shot_code_gets_its_arguments_as_variables(guarded: Place) -> None:
    outcome = asyncio.run(
        run_code("sum(amounts), name", None, guarded.config, {"amounts": [1, 2.5], "name": "q\ud800"})
    )

    assert (outcome.output, outcome.error) == ("(3.5, 'q\\ud800')", "")


def test_code_that_is_no_text_is_a_syntax_error(guarded: Place) -> None:
    null, surrogate, empty = guarded.run("x = 1\0", "x = '\ud800'", "")

    assert "null bytes" in null.error
    assert surrogate.error == ""
    assert (empty.output, empty.error) == ("", "")


def test_the_least_memory_is_enough_to_start_and_a_closed_session_stays_closed(place: Place) -> None:
    async def go() -> str:
        session = PythonSession(replace(place.config, memory_mb=64, processes=1, disk_mb=1))
        await session.start()
        output = (await session.run("import json\njson.dumps([1])")).output
        await session.close()
        await session.close()
        with pytest.raises(RuntimeError, match="closed"):
            await session.run("1")
        return output

    assert asyncio.run(go()) == "'[1]'"


def test_arguments_that_are_no_json_are_refused_before_anything_runs() -> None:
    async def go() -> None:
        await PythonSession(QUICK).run("1", {"f": object()})

    with pytest.raises(TypeError, match="not JSON serializable"):
        asyncio.run(go())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seconds": 0}, "sandbox.seconds=0: expected 0.05 to 86400"),
        ({"seconds": float("nan")}, "sandbox.seconds=nan"),
        ({"seconds": "ten"}, "sandbox.seconds='ten': expected a number"),
        ({"memory_mb": 1}, "sandbox.memory_mb=1: expected a whole number from 64"),
        ({"disk_mb": 2.5}, "sandbox.disk_mb=2.5: expected a whole number"),
        ({"processes": 0}, "sandbox.processes=0"),
        ({"output_chars": True}, "sandbox.output_chars=True"),
        ({"unguarded": "yes"}, "sandbox.unguarded='yes': expected refuse or allow"),
    ],
)
def test_a_configuration_that_can_not_be_is_refused_by_its_key(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SandboxConfig(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc/passwd", "../x", "a\0b", "x" * 256, "\ud800"])
def test_a_file_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        asyncio.run(run_code("1", {name: b""}, QUICK))


def test_more_files_than_the_disk_holds_are_refused() -> None:
    with pytest.raises(ValueError, match=r"raise sandbox.disk_mb=8 above that"):
        asyncio.run(run_code("1", {"a": bytes(9_000_000)}, QUICK))
