"""Level 1, one attached file each: what is asked stands in it, or a sum over it does."""

from __future__ import annotations

import random

from envs.gaia.embedded import files_media, files_office, files_text
from envs.gaia.embedded.draft import Draft, python, read
from envs.gaia.embedded.names import Names, ascending

_FILLINGS = ("plums", "walnuts", "honey", "ginger", "raisins", "butter", "cherries", "cinnamon", "oats", "pears", "quince",
             "almonds", "figs", "nutmeg", "rhubarb", "vanilla", "apples", "lemon zest", "cardamom", "blackberries")  # fmt: skip
_MATERIALS = ("bronze", "oak", "slate", "linen", "pewter")
_MOTIONS = (
    "the new clocks",
    "the summer tournament",
    "the heating of the hall",
    "the library of games",
    "the youth section",
)


def ferry_csv(rng: random.Random, names: Names) -> Draft:
    company, *ports = (names.place(rng) for _ in range(5))
    routes = [f"{ports[0]}-{ports[1]}", f"{ports[1]}-{ports[2]}", f"{ports[2]}-{ports[3]}"]
    rows = [(f"2023-0{1 + n // 14}-{1 + n % 14 * 2:02d}", rng.choice(routes), rng.randint(38, 460)) for n in range(42)]
    route = routes[rng.randrange(3)]
    total = sum(count for _, where, count in rows if where == route)
    code = python(
        "import csv",
        "rows = list(csv.DictReader(open('passengers.csv')))",
        f"print(sum(int(row['passengers']) for row in rows if row['route'] == {route!r}))",
    )
    question = (
        f"The attached table holds the counts of the ferry company {company} Lines. How many passengers did it "
        "carry on the "
        f"route {route} in all? Give the number without commas."
    )
    file = files_text.table(("date", "route", "passengers"), rows)
    return Draft(question, str(total), (company, *ports), (read("passengers.csv"), code), {"passengers.csv": file})


def club_minutes(rng: random.Random, names: Names) -> Draft:
    club = names.place(rng)
    people = [names.surname(rng) for _ in range(8)]
    motions = rng.sample(_MOTIONS, 4)
    lines = [
        f"Minutes of the general meeting of the chess club {club}",
        f"Held on {rng.randint(2, 28)} March 2022 in the hall.",
        "",
    ]
    for number, motion in enumerate(motions):
        proposer, seconder = people[2 * number : 2 * number + 2]
        yes = rng.randint(9, 24)
        lines += [
            f"{number + 1}. Motion on {motion}.",
            f"   Proposed by Ms {proposer}, seconded by Mr {seconder}. Carried, {yes} to {rng.randint(1, 8)}.",
            "",
        ]
    asked = rng.randrange(4)
    question = (
        f"According to the attached minutes of the chess club {club}, who seconded the motion on {motions[asked]}? "
        "Give the surname alone."
    )
    file = "\n".join(lines).encode()
    return Draft(question, people[2 * asked + 1], (club, *people), (read("minutes.txt"),), {"minutes.txt": file})


def fares_picture(rng: random.Random, names: Names) -> Draft:
    town = names.place(rng)
    adult, child, bicycle = rng.randint(12, 38), rng.randint(4, 11), rng.randint(13, 29)
    group = [rng.randint(2, 9) for _ in range(3)]
    lines = (f"LANDING {town.upper()}", f"ADULT {adult}", f"CHILD {child}", f"BICYCLE {bicycle}")
    total = group[0] * adult + group[1] * child + group[2] * bicycle
    code = python(f"print({group[0]} * {adult} + {group[1]} * {child} + {group[2]} * {bicycle})")
    question = (
        f"The attached picture shows the notice of fares, in crowns, at the landing of {town}. What do "
        f"{group[0]} adults, "
        f"{group[1]} children and {group[2]} bicycles pay together? Give the number alone."
    )
    file = files_media.picture(lines, "PNG")
    return Draft(question, str(total), (town,), (read("notice.png"), code), {"notice.png": file})


def recipe_memo(rng: random.Random, names: Names) -> Draft:
    person = names.person(rng)
    filling = rng.sample(_FILLINGS, 5)
    while filling == ascending(filling):
        rng.shuffle(filling)
    words = (
        f"Hello, this is {person}. For the crust take flour, salt and cold water. "
        f"For the filling you need {', '.join(filling[:-1])} and {filling[-1]}. Bake it for forty minutes and "
        "call me."
    )
    question = (
        f"In the attached voice memo {person} tells a friend how to bake a pie. List the ingredients of the "
        "filling, not of the "
        "crust, in alphabetical order, separated by commas."
    )
    file = files_media.recording("Voice memo", person, words)
    answer = ", ".join(ascending(filling))
    return Draft(question, answer, (person,), (read("memo.mp3"),), {"memo.mp3": file})


def program_output(rng: random.Random, names: Names) -> Draft:
    lake = names.place(rng)
    state, factor, step, modulus, turns = (
        rng.randint(*ends) for ends in ((11, 999), (21, 97), (13, 89), (9001, 99991), (40, 90))
    )
    lines = (f"state = {state}", f"for turn in range({turns}):", f"    state = (state * {factor} + {step}) % {modulus}",
             "    if state % 7 == 0:", "        state += turn", "print(state)", "")  # fmt: skip
    value = state
    for turn in range(turns):
        value = (value * factor + step) % modulus
        if value % 7 == 0:
            value += turn
    file = "\n".join(lines).encode()
    question = (
        f"The attached Python program runs the sluices of the lake of {lake}. What is the last number that it prints?"
    )
    actions = (read("program.py"), python("exec(open('program.py').read())"))
    return Draft(question, str(value), (lake,), actions, {"program.py": file})


def collection_jsonld(rng: random.Random, names: Names) -> Draft:
    museum = names.place(rng)
    items = [
        {
            "@id": f"item/{number}",
            "@type": "VisualArtwork",
            "name": f"Object {number}",
            "material": rng.choice(_MATERIALS),
            "insuredValue": rng.randint(120, 9800),
        }
        for number in range(1, 37)
    ]
    material = rng.choice(_MATERIALS)
    total = sum(int(str(item["insuredValue"])) for item in items if item["material"] == material)
    file = files_text.structured({"@context": "https://schema.example", "name": f"Museum of {museum}", "@graph": items})
    code = python(
        "import json",
        "items = json.load(open('collection.jsonld'))['@graph']",
        f"print(sum(item['insuredValue'] for item in items if item['material'] == {material!r}))",
    )
    question = (
        f"The attached file is the catalogue of the Museum of {museum}. What is the insured value of all its "
        "objects made of "
        f"{material} together? Give the number without commas."
    )
    return Draft(question, str(total), (museum,), (read("collection.jsonld"), code), {"collection.jsonld": file})


def map_catalogue(rng: random.Random, names: Names) -> Draft:
    library = names.place(rng)
    years = rng.sample(range(1702, 1899), 9)
    rows: list[dict[str, object]] = [
        {
            "title": f"Chart {n + 1}",
            "year": year,
            "scale": rng.choice((25000, 50000)),
            "engraver": f"Dr {names.person(rng)}",
        }
        for n, year in enumerate(years)
    ]
    rows[0]["scale"], rows[1]["scale"] = 25000, 50000
    scale = rng.choice((25000, 50000))
    oldest = min((row for row in rows if row["scale"] == scale), key=lambda row: int(str(row["year"])))
    people = [str(row["engraver"]).removeprefix("Dr ") for row in rows]
    question = (
        f"Who engraved the oldest map of the scale 1:{scale} in the attached catalogue of the library of {library}? "
        "Give first name and surname."
    )
    file = files_text.elements("catalogue", "map", rows)
    answer = str(oldest["engraver"]).removeprefix("Dr ")
    return Draft(question, answer, (library, *people), (read("maps.xml"),), {"maps.xml": file})


def talk_slides(rng: random.Random, names: Names) -> Draft:
    species, *islands = names.species(rng), *(names.place(rng) for _ in range(4))
    first = rng.sample(range(210, 960, 10), 4)
    final = [count + rng.choice((-1, 1)) * rng.randint(11, 58) for count in first]
    asked = rng.randrange(4)
    pages = [(f"Nests of {species}", "A talk to the society", "")]
    for island, before, after in zip(islands, first, final, strict=True):
        pages.append((f"Island of {island}", f"Nests: {before}", f"Say that the final count gave {after} nests."))
    question = (
        f"How many nests of {species} were there on the island of {islands[asked]} by the final count, going "
        "by the attached "
        "talk? Give the number alone."
    )
    file = files_office.slides(pages)
    return Draft(question, str(final[asked]), (species, *islands), (read("talk.pptx"),), {"talk.pptx": file})
