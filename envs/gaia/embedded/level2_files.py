"""Level 2 with attached files: colours, sheets, corrections, members of an archive, coordinates; sums, units, rounding."""

from __future__ import annotations

import math
import random

from envs.gaia.embedded import files_office, files_text
from envs.gaia.embedded.draft import Draft, call, python, read
from envs.gaia.embedded.names import Names

COLOURS = {"green": "00B050", "red": "FF0000", "yellow": "FFFF00", "blue": "0070C0"}
_RESIDUES = ("ALA", "GLY", "LEU", "SER", "VAL", "THR", "LYS", "ASP", "PHE")


def garden_colours(rng: random.Random, names: Names) -> Draft:
    garden = names.place(rng)
    plots = [(f"Plot {number}", names.surname(rng), rng.randint(112, 940)) for number in range(1, 25)]
    colours = [rng.choice(tuple(COLOURS)) for _ in plots]
    asked = rng.choice(tuple(COLOURS))
    areas = [plot[2] for plot, colour in zip(plots, colours, strict=True) if colour == asked] or [0]
    fills = {("Plan", row): COLOURS[colour] for row, colour in enumerate(colours, 2)}
    file = files_office.spreadsheet({"Plan": [("plot", "tenant", "area_m2"), *plots]}, fills)
    question = (
        f"The attached spreadsheet is the plan of the garden colony {garden}. What is the area, in square "
        "metres, of all the plots "
        f"whose cells are filled {asked}? Give the number without commas."
    )
    people = tuple(plot[1] for plot in plots)
    actions = (read("plan.xlsx"), python(f"print(sum({areas}))"))
    return Draft(question, str(sum(areas)), (garden, *people), actions, {"plan.xlsx": file})


def two_sheets(rng: random.Random, names: Names) -> Draft:
    pool = names.place(rng)
    visits = {year: [rng.randint(131, 980) for _ in range(13)] for year in ("2021", "2022")}
    sheets = {year: [("week", "visitors"), *enumerate(counts, 1)] for year, counts in visits.items()}
    code = f"print(round(sum({visits['2022']}) / 13 - sum({visits['2021']}) / 13, 2))"
    answer = str(round(sum(visits["2022"]) / 13 - sum(visits["2021"]) / 13, 2))
    question = (
        f"The attached spreadsheet counts the visitors of the open-air pool of {pool}, with a sheet for each "
        "year. By how much did the "
        "weekly average rise from 2021 to 2022? Round to two decimals; a fall is negative."
    )
    file = files_office.spreadsheet(sheets)
    return Draft(question, answer, (pool,), (read("pool.xlsx"), python(code)), {"pool.xlsx": file})


def donations(rng: random.Random, names: Names) -> Draft:
    church = names.place(rng)
    givers = [names.surname(rng) for _ in range(7)]
    sums = [rng.randint(123, 987) for _ in givers]
    wrong = rng.randrange(7)
    right = sums[wrong] + rng.choice((90, 180, 270, 360))
    rows = [("donor", "crowns"), *zip(givers, sums, strict=True)]
    notes = (
        f"Correction: the gift of {givers[wrong]} was {right} crowns; the table was printed before this was found.",
    )
    file = files_office.document(f"Roof fund of {church}", ("Gifts received until the end of May.",), rows, notes)
    total = sum(sums) - sums[wrong] + right
    figures = [right if n == wrong else value for n, value in enumerate(sums)]
    question = (
        f"How many crowns did the roof fund of {church} receive altogether, going by the attached document? "
        "Give the number alone."
    )
    actions = (read("fund.docx"), python(f"print(sum({figures}))"))
    return Draft(question, str(total), (church, *givers), actions, {"fund.docx": file})


def glacier_report(rng: random.Random, names: Names) -> Draft:
    region = names.place(rng)
    glaciers = [names.place(rng) for _ in range(6)]
    feet = rng.sample(range(4100, 39900), 6)
    rows = [("glacier", "length in feet"), *zip(glaciers, feet, strict=True)]
    file = files_office.pdf(
        f"Glaciers of the {region} range",
        ("Surveyed on foot in the summers from 2018 to 2020.",),
        rows,
        ("All lengths are in feet.",),
    )
    first, last = max(feet), min(feet)
    answer = str(round((first - last) * 0.3048, 1))
    question = (
        f"By how many metres is the longest glacier of the {region} range longer than the shortest one in the "
        "attached report? "
        "Take 1 foot as 0.3048 m and round to one decimal."
    )
    code = python(f"print(round(({first} - {last}) * 0.3048, 1))")
    return Draft(question, answer, (region, *glaciers), (read("report.pdf"), code), {"report.pdf": file})


def order_archive(rng: random.Random, names: Names) -> Draft:
    mill = names.place(rng)
    goods = [names.surname(rng).lower() for _ in range(5)]
    prices = {item: rng.randint(12, 98) for item in goods}
    orders = [(number, rng.choice(goods), rng.randint(3, 60)) for number in range(1, 19)]
    total = sum(prices[item] * count for _, item, count in orders)
    members = {
        "readme.txt": f"Orders of the paper mill {mill}; prices are in crowns a ream.\n".encode(),
        "orders.csv": files_text.table(("order", "paper", "reams"), orders),
        "prices.json": files_text.structured(prices),
    }
    code = python(
        "import csv, io, json, zipfile",
        "archive = zipfile.ZipFile('orders.zip')",
        "prices = json.loads(archive.read('prices.json'))",
        "rows = csv.DictReader(io.StringIO(archive.read('orders.csv').decode()))",
        "print(sum(int(row['reams']) * prices[row['paper']] for row in rows))",
    )
    question = (
        f"The attached archive holds the orders of the paper mill {mill}. What are all the orders worth "
        "together, in crowns? "
        "Give the number without commas."
    )
    actions = (read("orders.zip"), *member_reads("orders.zip", ("orders.csv", "prices.json")), code)
    return Draft(question, str(total), (mill, *goods), actions, {"orders.zip": files_office.archive(members)})


def protein_distance(rng: random.Random, names: Names) -> Draft:
    protein = names.surname(rng)
    atoms = []
    x, y, z = (rng.uniform(-20, 20) for _ in range(3))
    for place in range(1, 13):
        residue = rng.choice(_RESIDUES)
        for atom in ("N", "CA", "C", "O"):
            x, y, z = x + rng.uniform(0.2, 1.5), y + rng.uniform(-1.5, 1.5), z + rng.uniform(-1.5, 1.5)
            atoms.append((atom, residue, "A", place, round(x, 3), round(y, 3), round(z, 3)))
    alphas = [atom[4:] for atom in atoms if atom[0] == "CA"]
    answer = str(round(math.dist(alphas[0], alphas[-1]) * 100))
    code = python(
        "import math",
        "lines = [line for line in open('model.pdb') if line[:4] == 'ATOM' and line[12:16].strip() == 'CA']",
        "points = [[float(line[k:k + 8]) for k in (30, 38, 46)] for line in lines]",
        "print(round(math.dist(points[0], points[-1]) * 100))",
    )
    question = (
        f"The attached file is a model of the protein {protein}. How far apart are the CA atoms of its first "
        "and its last residue, "
        "in picometres, rounded to a whole number? Give the number alone."
    )
    file = files_text.protein(f"MODEL OF {protein.upper()}", atoms)
    return Draft(question, answer, (protein,), (read("model.pdb"), code), {"model.pdb": file})


def member_reads(archive: str, members: tuple[str, ...]) -> tuple[str, ...]:
    """Reads of an archive's members."""
    return tuple(call("read_file", path=archive, member=member) for member in members)
