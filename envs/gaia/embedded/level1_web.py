"""Level 1 on the web: one page in another unit, and a page that a newer one supersedes."""

from __future__ import annotations

import random

from envs.gaia.embedded.draft import Draft, python, search, visit
from envs.gaia.embedded.html import aside, day, link, p, page, table
from envs.gaia.embedded.names import Names, slug


def canal_length(rng: random.Random, names: Names) -> Draft:
    canal, first, last, engineer = names.place(rng), names.place(rng), names.place(rng), names.surname(rng)
    miles, locks, other, wide = rng.randint(31, 480), rng.randint(5, 60), rng.randint(31, 480), rng.randint(20, 60)
    url = f"https://www.canals.example/{slug(canal)}"
    pages = (
        page(
            url,
            f"{canal} Canal",
            day(rng, 2021),
            p(
                f"The {canal} Canal joins {first} and {last}. It was dug under the engineer {engineer} and has "
                f"{locks} locks."
            ),
            aside(rng),
            table(("property", "value"), (("length", f"{miles} miles"), ("locks", locks), ("width", f"{wide} feet"))),
            link(f"Boating on the {canal} Canal", f"{url}/boating", "See also: "),
        ),
        page(
            f"{url}/boating",
            f"Boating on the {canal} Canal",
            day(rng, 2020),
            p(f"Boats may be hired at {first}. A round trip with all side arms is {other} miles."),
            link(f"{canal} Canal", url, "Back to "),
        ),
    )
    answer = str(round(miles * 1.609344))
    actions = (search(f"{canal} Canal length"), visit(url), python(f"print(round({miles} * 1.609344))"))
    question = (
        f"How long is the {canal} Canal in kilometres, rounded to a whole number? Take 1 mile as 1.609344 km "
        "and give the "
        "number alone."
    )
    return Draft(question, answer, (canal, first, last, engineer), actions, pages=pages)


def town_register(rng: random.Random, names: Names) -> Draft:
    town, mayor = names.place(rng), names.person(rng)
    old, new = rng.sample(range(2010, 69000), 2)
    root = f"https://www.{slug(town)}.example/register"
    pages = (
        page(
            f"{root}/2016",
            f"Register of inhabitants of {town}, edition 2016",
            "2016-03-01",
            p(f"On the first of January the town of {town} had {old} inhabitants."),
            aside(rng),
            link("edition 2023", f"{root}/2023", "This edition is superseded by "),
        ),
        page(
            f"{root}/2023",
            f"Register of inhabitants of {town}, edition 2023",
            "2023-03-01",
            p(f"On the first of January the town of {town} had {new} inhabitants. The mayor is {mayor}."),
            aside(rng),
            link("edition 2016", f"{root}/2016", "This edition replaces "),
        ),
    )
    question = (
        f"How many inhabitants has the town of {town} according to the latest edition of its register? Give "
        "the number without commas."
    )
    actions = (search(f"Register of inhabitants of {town}"), visit(f"{root}/2016"), visit(f"{root}/2023"))
    return Draft(question, str(new), (town, mayor), actions, pages=pages)
