"""Pages that no task needs, so that a search has something to pass over."""

from __future__ import annotations

import random

from envs.gaia.embedded.draft import Page
from envs.gaia.embedded.html import aside, day, link, p, page, table
from envs.gaia.embedded.names import Names, slug


def fillers(rng: random.Random, names: Names, towns: int) -> list[Page]:
    """Three pages for each of some towns that link to each other: the town, its museum, its chess club."""
    pages: list[Page] = []
    places = [names.place(rng) for _ in range(towns)]
    for number, town in enumerate(places):
        neighbour = places[(number + 1) % towns]
        root = f"https://www.{slug(town)}.example"
        founder, species = names.person(rng), names.species(rng)
        pages += [
            page(
                f"{root}/",
                f"Town of {town}",
                day(rng, rng.randint(2015, 2024)),
                p(f"{town} is a market town of {rng.randint(900, 30000)} inhabitants. It was founded by {founder}."),
                aside(rng),
                link(f"Museum of {town}", f"{root}/museum", "Worth a visit: "),
                link(neighbour, f"https://www.{slug(neighbour)}.example/", "Next town: "),
            ),
            page(
                f"{root}/museum",
                f"Museum of {town}",
                day(rng, rng.randint(2015, 2024)),
                p(f"The museum of {town} shows a stuffed specimen of {species}."),
                aside(rng),
                table(
                    ("day", "opens", "closes"),
                    (("Monday", "-", "-"), ("Tuesday", "9:00", "17:00"), ("Sunday", "11:00", "16:00")),
                ),
            ),
            page(
                f"{root}/chess",
                f"Chess club of {town}",
                day(rng, rng.randint(2015, 2024)),
                p(f"The club was champion of the district {rng.randint(2, 9)} times."),
                aside(rng),
                link(f"Town of {town}", f"{root}/"),
            ),
        ]
    return pages
