"""Level 2 on the web: lists over several pages, a page's past, sources that contradict each other, a picture's subject."""

from __future__ import annotations

import random

from envs.gaia.embedded import files_media
from envs.gaia.embedded.draft import Draft, Page, read, search, visit
from envs.gaia.embedded.html import archived, aside, day, link, p, page, table
from envs.gaia.embedded.names import Names, slug


def lighthouse_list(rng: random.Random, names: Names) -> Draft:
    coast = names.place(rng)
    lights = [names.place(rng) for _ in range(18)]
    heights = rng.sample(range(12, 90), 17)
    heights.insert(rng.randrange(7, 18), rng.randint(91, 99))
    root = f"https://www.lights.example/{slug(coast)}"
    pages: list[Page] = []
    for number in range(3):
        part = list(zip(lights, heights, strict=True))[6 * number : 6 * number + 6]
        url = root if number == 0 else f"{root}?page={number + 1}"
        onward = (
            link("next page", f"{root}?page={number + 2}", "", f" ({number + 2} of 3)")
            if number < 2
            else p("This is the last page.")
        )
        title = f"Lighthouses of the {coast} coast" + (f", page {number + 1}" if number else "")
        pages.append(page(url, title, "2022-05-11", table(("lighthouse", "height in m"), part), onward))
    question = f"Which is the tallest lighthouse in the list of lighthouses of the {coast} coast? Give its name alone."
    actions = (search(f"Lighthouses of the {coast} coast"), *(visit(page.url) for page in pages))
    return Draft(question, lights[heights.index(max(heights))], (coast, *lights), actions, pages=tuple(pages))


def past_fee(rng: random.Random, names: Names) -> Draft:
    society, chair = names.place(rng), names.person(rng)
    year = rng.randint(2009, 2016)
    before, now = rng.sample(range(121, 989), 2)
    url = f"https://www.{slug(society)}-anglers.example/membership"
    title = f"Membership of the anglers' society of {society}"
    pages = (
        page(
            url,
            title,
            day(rng, 2024),
            p(f"The annual fee of the anglers' society of {society} is {now} crowns."),
            aside(rng),
        ),
        page(
            archived(year, url),
            f"{title} (archived {year})",
            day(rng, year),
            p(f"The annual fee of the anglers' society of {society} is {before} crowns. Apply to {chair}."),
            aside(rng),
        ),
    )
    question = (
        f"What annual fee, in crowns, did the anglers' society of {society} state on its membership page in "
        f"{year}? Give the number alone."
    )
    actions = (search(title), visit(url), visit(archived(year, url)))
    return Draft(question, str(before), (society, chair), actions, pages=pages)


def bridge_year(rng: random.Random, names: Names) -> Draft:
    bridge, river = names.place(rng), names.place(rng)
    year = rng.randint(1821, 1979)
    wrong = year - rng.randint(2, 9)
    guide, register = (
        f"https://guide.example/bridges/{slug(bridge)}",
        f"https://register.example/bridges/{slug(bridge)}",
    )
    pages = (
        page(
            guide,
            f"{bridge} Bridge: a visitor's guide",
            day(rng, 2019),
            p(f"The {bridge} Bridge over the {river} was opened in {wrong}, or so they say at the inn."),
            aside(rng),
            link(f"register of bridges, {bridge} Bridge", register, "Further reading: "),
        ),
        page(
            register,
            f"Register of bridges: {bridge} Bridge",
            day(rng, 2022),
            p(
                f"The {bridge} Bridge was opened in {year}. Building had begun in {wrong}, the year that "
                "travel guides often give."
            ),
            table(("property", "value"), (("river", river), ("spans", rng.randint(2, 9)))),
        ),
    )
    question = f"In which year was the {bridge} Bridge over the {river} opened? Give the year alone."
    actions = (search(f"{bridge} Bridge opened"), visit(guide), visit(register))
    return Draft(question, str(year), (bridge, river), actions, pages=pages)


def ship_plate(rng: random.Random, names: Names) -> Draft:
    ship, town, owner, home, pier = (names.place(rng) for _ in range(5))
    number = rng.randint(2100, 9800)
    url = f"https://ships.example/register/{slug(ship)}"
    pages = (
        page(
            url,
            f"Register of ships: {ship}",
            day(rng, 2020),
            p(f"The motor vessel {ship}, number {number}, is owned by the {owner} Line and sails from {home}."),
            aside(rng),
            table(("property", "value"), (("hull number", number), ("home port", home), ("yard", f"Yard of {town}"))),
        ),
        page(
            f"https://ships.example/lines/{slug(owner)}",
            f"The {owner} Line",
            day(rng, 2020),
            p(f"The {owner} Line has its office at {home}."),
            link(f"Register of ships: {ship}", url, "Its ship: "),
        ),
    )
    question = (
        f"The attached photograph shows the name plate of a ship at the pier of {pier}. In which town does "
        "the yard stand that built her, according to the register of ships? Give the town's name alone."
    )
    plate = files_media.picture((f"MV {ship.upper()}", f"NUMBER {number}"), "JPEG")
    actions = (read("plate.jpg"), search(f"Register of ships {ship.upper()} {number}"), visit(url))
    return Draft(question, town, (ship, town, owner, home, pier), actions, {"plate.jpg": plate}, pages)
