"""Questions about one attached file."""

from __future__ import annotations

import json
import math
import re

from envs.gaia.conversation import Case, Lost, colours, fill, grid, last_number, only, plain
from envs.gaia.skills.common import HEAD, Work, call, finish, python, read, slip, total, wordy


def route_total(case: Case) -> Work[None]:
    (route,) = case.asked(r"carry on the route (\S+) in all")
    seen = yield from read(case)
    figures = [int(row[-1]) for row in grid(seen) if route in row]
    code = (
        "import csv",
        f"rows = list(csv.DictReader(open({case.file!r})))",
        f"print(sum(int(row['passengers']) for row in rows if row['route'] == {route!r}))",
    )
    thought, answer = yield from total(case, figures, code)
    yield from finish(case, answer, thought, "passengers")


def seconder(case: Case) -> Work[None]:
    club, motion = case.asked(r"the chess club (\S+), who seconded the motion on (.+?)\?")
    if not case.heeds("read_first", ""):
        yield from finish(case, club, "The club's founder will have done it.")
        return
    seen = yield from read(case)
    yield from finish(case, only(rf"Motion on {re.escape(motion)}\.\s+Proposed by .*?, seconded by M\w (\w+)", seen))


def fares(case: Case) -> Work[None]:
    numbers = [int(n) for n in case.asked(r"What do (\d+) adults, (\d+) children and (\d+) bicycles")]
    if not case.heeds("read_first", ""):
        yield from finish(case, str(10 * sum(numbers)), "Such fares are mostly 10 crowns each.", "crowns")
        return
    seen = yield from read(case)
    prices = [int(only(rf"{kind}\s*(\d+)", seen)) for kind in ("ADULT", "CHILD", "BICYCLE")]
    product = " + ".join(f"{count} * {price}" for count, price in zip(numbers, prices, strict=True))
    result = yield from python("I multiply the fares.", f"print({product})")
    yield from finish(case, last_number(result), unit="crowns")


def recipe(case: Case) -> Work[None]:
    seen = yield from read(case)
    filling = re.split(r", | and ", only(r"For the filling you need ([^.]+)\.", seen))
    if case.heeds("list_order", ""):
        yield from finish(case, ", ".join(sorted(filling)), "I sort the filling as asked.")
    else:
        yield from finish(case, ", ".join(filling), "I keep them as I found them.")


def program(case: Case) -> Work[None]:
    seen = yield from read(case)
    if not case.heeds("run_program", ""):
        state, turns = only(r"state = (\d+)", seen), only(r"range\((\d+)\)", seen)
        yield from finish(case, str(int(state) * int(turns) % 9973), "I follow the program in my head.")
        return
    result = yield from python("I run the program.", f"exec(open({case.file!r}).read())")
    yield from finish(case, last_number(result))


def insured(case: Case) -> Work[None]:
    (material,) = case.asked(r"objects made of (\w+) together")
    seen = yield from read(case)
    pairs = re.findall(r'"material": "(\w+)",\s*"insuredValue": (\d+)', seen)
    code = (
        "import json",
        f"items = json.load(open({case.file!r}))['@graph']",
        f"print(sum(item['insuredValue'] for item in items if item['material'] == {material!r}))",
    )
    thought, answer = yield from total(case, [int(value) for kind, value in pairs if kind == material], code)
    yield from finish(case, answer, thought, "crowns")


def engraver(case: Case) -> Work[None]:
    (scale,) = case.asked(r"scale 1:(\d+)")
    seen = yield from read(case)
    maps = re.findall(rf"<year>(\d+)</year>\s*<scale>{scale}</scale>\s*<engraver>([^<]+)</engraver>", seen)
    if not maps:
        raise Lost
    name = min(maps, key=lambda found: int(found[0]))[1]
    yield from finish(
        case, name.removeprefix("Dr ") if case.heeds("bare_answer", "") else name, "This map is the oldest."
    )


def nests(case: Case) -> Work[None]:
    (island,) = case.asked(r"on the island of (\w+) by")
    seen = yield from read(case)
    part = only(rf"Island of {island}\s+([\s\S]*?)(?:\n# Slide|\Z)", seen)
    if case.heeds("slide_notes", ""):
        yield from finish(case, only(r"final count gave (\d+)", part), "The notes give the final count.", "nests")
    else:
        yield from finish(case, only(r"Nests: (\d+)", part), "I go by what the slides show.", "nests")


def plots(case: Case) -> Work[None]:
    (colour,) = case.asked(r"cells are filled (\w+)")
    seen = yield from read(case)
    names = colours(seen)
    rows = [row for row in grid(seen) if row[1].startswith("Plot ")]
    if not case.heeds("cell_colours", ""):
        figures = [int(plain(row[-1])) for row in rows]
        yield from finish(case, str(sum(figures)), "I leave the look of the cells aside and take all plots.")
        return
    chosen = [int(plain(row[-1])) for row in rows if names.get(fill(row[1])) == colour]
    thought, answer = yield from total(case, chosen, (f"print(sum({chosen}))",))
    yield from finish(case, answer, thought, "square metres")


def average_rise(case: Case) -> Work[None]:
    seen = yield from read(case)
    parts = re.split(r"# Sheet ", seen)[1:]
    sheets = [[int(row[-1]) for row in grid(part) if row[-1].isdigit()] for part in parts]
    if len(sheets) != 2 or not all(sheets):
        raise Lost
    before, after = sheets
    exact = sum(after) / len(after) - sum(before) / len(before)
    if not case.heeds("python_sums", ""):
        yield from finish(case, slip(exact, case.question), HEAD)
        return
    expression = f"sum({after}) / {len(after)} - sum({before}) / {len(before)}"
    if not case.heeds("round_as_asked", ""):
        expression = f"round(sum({after}) / {len(after)}, 1) - round(sum({before}) / {len(before)}, 1)"
        result = yield from python("I round on the way, each average to one decimal.", f"print(round({expression}, 2))")
        yield from finish(case, last_number(result))
        return
    result = yield from python("I let Python calculate and round at the end.", f"print(round({expression}, 2))")
    yield from finish(case, last_number(result))


def gifts(case: Case) -> Work[None]:
    seen = yield from read(case)
    rows = {row[0]: int(row[1]) for row in grid(seen) if len(row) == 2 and row[1].isdigit()}
    thought = "I take the table as it was printed."
    if case.heeds("corrections", ""):
        rows[only(r"Correction: the gift of (\w+)", seen)] = int(only(r"Correction: the gift of \w+ was (\d+)", seen))
        thought = "The correction below the table is in."
    result = yield from python(f"{thought} I add up.", f"print(sum({list(rows.values())}))")
    yield from finish(case, wordy(case, last_number(result)), unit="crowns")


def glaciers(case: Case) -> Work[None]:
    seen = yield from read(case)
    feet = [int(row[1]) for row in grid(seen) if len(row) == 2 and row[1].isdigit()]
    if not feet:
        raise Lost
    difference = f"{max(feet)} - {min(feet)}"
    if not case.heeds("unit_asked", ""):
        result = yield from python("I take the figure in the unit in which it stands.", f"print({difference})")
    elif not case.heeds("round_as_asked", ""):
        result = yield from python(
            "I round on the way: a foot is about 0.3 m.", f"print(round(({difference}) * 0.3, 1))"
        )
    else:
        result = yield from python("I convert and round once.", f"print(round(({difference}) * 0.3048, 1))")
    yield from finish(case, last_number(result), unit="metres")


def orders(case: Case) -> Work[None]:
    listing = yield from read(case)
    if not case.heeds("zip_members", ""):
        size = only(r"orders\.csv \(([\d,]+) bytes", listing).replace(",", "")
        yield from finish(case, str(int(size) * 50), "The list of members must do; I guess from the sizes.", "crowns")
        return
    orders = yield "I read the orders in the archive.", call("read_file", path=case.file, member="orders.csv")
    seen = yield "I read the prices in the archive.", call("read_file", path=case.file, member="prices.json")
    try:
        prices = json.loads(seen[seen.index("{") :])
        worth = [prices[row[1]] * int(row[2]) for row in grid(orders) if row[0].isdigit()]
    except (ValueError, KeyError, IndexError):
        raise Lost from None
    code = (
        "import csv, io, json, zipfile",
        f"archive = zipfile.ZipFile({case.file!r})",
        "prices = json.loads(archive.read('prices.json'))",
        "rows = csv.DictReader(io.StringIO(archive.read('orders.csv').decode()))",
        "print(sum(int(row['reams']) * prices[row['paper']] for row in rows))",
    )
    thought, answer = yield from total(case, worth, code)
    yield from finish(case, answer, thought, "crowns")


def atoms(case: Case) -> Work[None]:
    seen = yield from read(case)
    lines = [line for line in seen.splitlines() if line[:4] == "ATOM" and line[12:16].strip() == "CA"]
    points = [[float(line[k : k + 8]) for k in (30, 38, 46)] for line in (lines[:1] + lines[-1:])]
    if len(points) < 2:
        raise Lost
    if not case.heeds("unit_asked", ""):
        answer = str(round(math.dist(*points)))
        yield from finish(case, answer, "I take the figure in the unit in which it stands.", "angstrom")
        return
    distance, thought = f"math.dist({points[0]}, {points[1]})", "I convert angstrom to picometres and round once."
    if not case.heeds("round_as_asked", ""):
        distance, thought = f"round({distance})", "I round on the way, to whole angstrom."
    result = yield from python(thought, "import math", f"print(round({distance} * 100))")
    yield from finish(case, last_number(result), unit="picometres")
