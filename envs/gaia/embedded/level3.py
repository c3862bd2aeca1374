"""Level 3: files and several pages together."""

from __future__ import annotations

import random

from envs.gaia.embedded import files_media, files_office, files_text
from envs.gaia.embedded.draft import Draft, Page, python, read, search, visit
from envs.gaia.embedded.html import archived, aside, day, link, p, page, table
from envs.gaia.embedded.level2_files import COLOURS, member_reads
from envs.gaia.embedded.names import Names, ascending, slug


def observatories(rng: random.Random, names: Names) -> Draft:
    society = names.place(rng)
    places = [names.place(rng) for _ in range(9)]
    colour, other = rng.sample(tuple(COLOURS), 2)
    chosen = sorted(rng.sample(range(9), 3))
    years = rng.sample(range(1841, 1989), 9)
    while True:
        by_year = [places[n] for n in sorted(chosen, key=lambda n: years[n])]
        if by_year not in (ascending(by_year), [places[n] for n in chosen]):
            break
        rng.shuffle(years)
    rows = [(place, rng.randint(2, 40)) for place in places]
    fills = {("Observatories", n + 2): COLOURS[colour if n in chosen else other] for n in range(9)}
    pages = tuple(
        page(
            f"https://sky.example/observatories/{slug(place)}",
            f"Observatory of {place}",
            day(rng, 2021),
            p(
                f"The observatory of {place} was founded in {year}. Its dome was renewed in {year + rng.randint(20, 30)}."
            ),
            aside(rng),
        )
        for place, year in zip(places, years, strict=True)
    )
    question = (
        f"The attached spreadsheet lists the observatories that the star-gazers' society {society} has "
        "visited. List those whose cells are "
        f"filled {colour}, in the order in which they were founded, oldest first, separated by commas. Give "
        "the place names alone."
    )
    actions = [read("visits.xlsx")]
    for n in chosen:
        actions += [search(f"Observatory of {places[n]} founded"), visit(pages[n].url)]
    file = files_office.spreadsheet({"Observatories": [("observatory", "visits"), *rows]}, fills)
    return Draft(question, ", ".join(by_year), (society, *places), tuple(actions), {"visits.xlsx": file}, pages)


def harbour_dues(rng: random.Random, names: Names) -> Draft:
    person, harbour, *others = names.person(rng), *(names.place(rng) for _ in range(12))
    boats = [(names.surname(rng), rng.choice((harbour, harbour, *others[:2])), rng.randint(11, 98)) for _ in range(26)]
    ports = [*others, harbour][2:]
    rates = {port: round(rng.randint(211, 989) / 100, 2) for port in ports}
    root = f"https://dues.example/{slug(others[0])}"
    pages: list[Page] = []
    for number in range(2):
        part = [(port, f"{rates[port]:.2f}") for port in ports[6 * number : 6 * number + 6]]
        url = root if number == 0 else f"{root}?page=2"
        onward = link("next page", f"{root}?page=2", "", " (2 of 2)") if number == 0 else p("This is the last page.")
        title = f"Harbour dues of the {others[0]} district" + (", page 2" if number else "")
        pages.append(page(url, title, "2023-01-09", table(("harbour", "crowns per tonne"), part), onward))
    tonnes = [size for _, port, size in boats if port == harbour]
    answer = str(round(sum(tonnes) * rates[harbour], 2))
    members = {
        "memo.mp3": files_media.recording(
            "Memo", person, f"This is {person}. Take the boats of the harbour of {harbour} only. The others have paid."
        ),
        "boats.csv": files_text.table(("boat", "harbour", "tonnes"), boats),
    }
    code = python(
        "import csv, io, zipfile",
        "text = zipfile.ZipFile('dues.zip').read('boats.csv').decode()",
        "tonnes = sum(int(row['tonnes']) for row in csv.DictReader(io.StringIO(text)) if row['harbour'] == "
        f"{harbour!r})",
        f"print(round(tonnes * {rates[harbour]}, 2))",
    )
    question = (
        "The attached archive holds a list of boats and a memo that says whose boats still owe dues. What do "
        "these boats owe together, in "
        f"crowns, by the harbour dues of the {others[0]} district that stand on the web? Round to two decimals."
    )
    actions = (
        read("dues.zip"),
        *member_reads("dues.zip", ("memo.mp3", "boats.csv")),
        search(f"Harbour dues of the {others[0]} district"),
        *(visit(page.url) for page in pages),
        code,
    )
    invented = (person, harbour, *others, *(boat[0] for boat in boats))
    return Draft(question, answer, invented, actions, {"dues.zip": files_office.archive(members)}, tuple(pages))


def society_growth(rng: random.Random, names: Names) -> Draft:
    society, secretary = names.place(rng), names.person(rng)
    year = rng.randint(2008, 2012)
    before, after, now = rng.sample(range(411, 3990), 3)
    home = f"https://www.{slug(society)}-botanists.example/"
    book = f"{home}yearbook-2016.pdf"
    body = files_office.pdf(
        f"Yearbook 2016 of the botanists of {society}",
        (f"At the end of the year 2016 the society had {after} members.", f"The secretary was {secretary}."),
        (("excursions", str(rng.randint(11, 40))), ("talks", str(rng.randint(11, 40)))),
        (),
    )
    title = f"Botanical society of {society}"
    pages = (
        page(
            home,
            title,
            day(rng, 2024),
            p(f"The botanical society of {society} has {now} members."),
            aside(rng),
            link("yearbook 2016 (PDF)", book, "Download: "),
        ),
        page(
            archived(year, home),
            f"{title} (archived {year})",
            day(rng, year),
            p(f"The botanical society of {society} has {before} members."),
            aside(rng),
        ),
        Page(book, f"Yearbook 2016 of the botanists of {society}", "2017-02-01", body, "application/pdf"),
    )
    answer = str(round((after - before) / before * 100, 1))
    question = (
        f"By how many percent did the membership of the botanical society of {society} grow from what its home "
        f"page said in {year} to what "
        "its yearbook of 2016 says? Round to one decimal; a loss is negative; give the number alone."
    )
    code = python(f"print(round(({after} - {before}) / {before} * 100, 1))")
    actions = (search(title), visit(home), visit(book), visit(archived(year, home)), code)
    return Draft(question, answer, (society, secretary), actions, pages=pages)


def catch_value(rng: random.Random, names: Names) -> Draft:
    port, species = names.place(rng), names.species(rng)
    catches = [{"boat": names.surname(rng), "kg": rng.randint(110, 960)} for _ in range(22)]
    old, new, talk = (round(n / 100, 2) for n in rng.sample(range(312, 987), 3))
    kilograms = sum(int(str(row["kg"])) for row in catches)
    root = f"https://www.{slug(port)}-auction.example/prices"
    pages = (
        page(
            f"{root}/2023-01",
            f"Landing prices at {port}: bulletin of January 2023",
            "2023-01-03",
            table(("species", "crowns per kg"), ((species, f"{old:.2f}"),)),
            aside(rng),
            link("bulletin of September 2023", f"{root}/2023-09", "This bulletin is superseded by "),
        ),
        page(
            f"{root}/2023-09",
            f"Landing prices at {port}: bulletin of September 2023",
            "2023-09-04",
            table(("species", "crowns per kg"), ((species, f"{new:.2f}"),)),
            aside(rng),
        ),
        page(
            f"https://talk.example/{slug(port)}",
            f"Talk of the quay at {port}",
            "2023-11-20",
            p(f"Somebody at the bar of {port} swears that {species} brings {talk:.2f} crowns per kg."),
            aside(rng),
        ),
    )
    answer = str(round(kilograms * new))
    code = python(
        "import json",
        "kilograms = sum(row['kg'] for row in json.load(open('catches.json')))",
        f"print(round(kilograms * {new}))",
    )
    question = (
        f"The attached file holds the catches of {species} landed at {port} in November 2023. How many crowns "
        "are they worth together by "
        "the latest bulletin of landing prices? Round to a whole number and give it alone, without commas."
    )
    actions = (
        read("catches.json"),
        search(f"Landing prices at {port} bulletin"),
        visit(f"{root}/2023-01"),
        visit(f"{root}/2023-09"),
        code,
    )
    boats = tuple(str(row["boat"]) for row in catches)
    return Draft(
        question, answer, (port, species, *boats), actions, {"catches.json": files_text.structured(catches)}, pages
    )
