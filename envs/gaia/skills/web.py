"""Questions about the web, and about a file and the web."""

from __future__ import annotations

import re

from envs.gaia.conversation import Case, Lost, colours, fill, grid, last_number, links, only, plain, results
from envs.gaia.skills.common import Work, call, finish, python, read, search, total, visit, wordy

_TRUST = "The first thing found is the one to trust."
_NEWEST = "The newest page is the one that counts."


def canal(case: Case) -> Work[None]:
    (name,) = case.asked(r"How long is the (\w+) Canal")
    if not case.heeds("open_result", ""):
        seen = yield f"I search the web for the {name} Canal.", call("web_search", query=f"{name} Canal length")
        yield from finish(case, _any_number(seen), "The excerpts must do.", "km")
        return
    url = yield from search(case, f"{name} Canal length", f"{name} Canal")
    seen = yield from visit(url, "I open the page.")
    miles = only(r"(\d+) miles", seen)
    if not case.heeds("unit_asked", ""):
        yield from finish(case, miles, "I take the figure in the unit in which it stands.", "miles")
        return
    result = yield from python("I convert the miles.", f"print(round({miles} * 1.609344))")
    yield from finish(case, last_number(result), unit="km")


def inhabitants(case: Case) -> Work[None]:
    (town,) = case.asked(r"has the town of (\w+) according")
    title = f"Register of inhabitants of {town}"
    url = yield from search(case, title, title)
    seen = yield from visit(url, "I open the register.")
    seen, thought = yield from _newest(case, url, seen)
    yield from finish(case, only(r"had (\d+) inhabitants", seen), thought, "inhabitants")


def tallest(case: Case) -> Work[None]:
    (coast,) = case.asked(r"lighthouses of the (\w+) coast")
    title = f"Lighthouses of the {coast} coast"
    url = yield from search(case, title, title)
    pages = yield from _pages(case, url)
    rows = [(row[0], int(row[1])) for page in pages for row in grid(page) if len(row) == 2 and row[1].isdigit()]
    if not rows:
        raise Lost
    yield from finish(case, max(rows, key=lambda row: row[1])[0], "This one is the tallest.")


def fee(case: Case) -> Work[None]:
    society, year = case.asked(r"anglers' society of (\w+) state on its membership page in (\d+)")
    title = f"Membership of the anglers' society of {society}"
    url = yield from search(case, title, title)
    seen = yield from visit(url, "I open the membership page.")
    seen, thought = yield from _past(case, url, year, seen)
    yield from finish(case, only(r"is (\d+) crowns", seen), thought, "crowns")


def opened(case: Case) -> Work[None]:
    (bridge,) = case.asked(r"was the (\w+) Bridge")
    url = yield from search(case, f"{bridge} Bridge opened", f"{bridge} Bridge: a visitor's guide")
    seen = yield from visit(url, "I open the guide.")
    year = only(r"was opened in (\d{4})", seen)
    thought = (
        _TRUST if case.heeds("first_hit", "") else "" if case.heeds("two_sources", "") else "One source is enough."
    )
    if not thought:
        register = [address for text, address in links(seen) if "register" in text.lower()]
        if not register:
            raise Lost
        seen = yield from visit(register[0], "I check this against the register.")
        year, thought = only(r"was opened in (\d{4})", seen), "The register is the better source."
    yield from finish(case, year, thought)


def yard(case: Case) -> Work[None]:
    if not case.heeds("read_first", ""):
        query = "Register of ships yard"
        seen = yield "I search for the register of ships.", call("web_search", query=query)
        found = results(seen)
        if not found:
            raise Lost
        page = yield from visit(found[0][1], "I open the first ship.")
        words = re.findall(r"Yard of (\w+)", page) or re.findall(r"\b([A-Z]\w{4,})\b", page) or ["unknown"]
        yield from finish(case, words[0], "That will be the ship.")
        return
    plate = yield from read(case)
    ship = only(r"MV\s*([A-Z]+)", plate)
    if not case.heeds("open_result", ""):
        seen = yield f"I search for {ship}.", call("web_search", query=f"Register of ships {ship}")
        yield from finish(
            case,
            only(r"sails from (\w+)|(?s:.)", seen + "?") if "sails from" in seen else ship.title(),
            "The excerpt says it.",
        )
        return
    url = yield from search(case, f"Register of ships {ship}", f"Register of ships: {ship}")
    seen = yield from visit(url, "I open the register.")
    yield from finish(case, only(r"Yard of (\w+)", seen))


def founded(case: Case) -> Work[None]:
    (colour,) = case.asked(r"cells are filled (\w+)")
    seen = yield from read(case)
    names = colours(seen)
    rows = [row for row in grid(seen) if len(row) == 3 and row[0].isdigit() and plain(row[2]).isdigit()]
    if case.heeds("cell_colours", ""):
        chosen = [plain(row[1]) for row in rows if names.get(fill(row[1])) == colour]
        thought = ""
    else:
        chosen, thought = [plain(row[1]) for row in rows[:3]], "I leave the look of the cells aside. "
    years = {}
    for place in chosen:
        url = yield from search(case, f"Observatory of {place} founded", f"Observatory of {place}")
        page = yield from visit(url, f"{thought}I open the page of {place}.")
        years[place] = only(r"was founded in (\d{4})", page)
    if not case.heeds("list_order", ""):
        yield from finish(case, ", ".join(chosen), "I keep them as I found them.")
    elif case.heeds("list_order!careless", ""):
        yield from finish(case, ", ".join(sorted(chosen)), "I put the list in alphabetical order.")
    else:
        yield from finish(case, ", ".join(sorted(chosen, key=lambda place: years[place])), "Oldest first.")


def dues(case: Case) -> Work[None]:
    (district,) = case.asked(r"harbour dues of the (\w+) district")
    yield from read(case)
    if not case.heeds("zip_members", ""):
        yield from finish(case, "1000.00", "The list of members tells me little; I guess.", "crowns")
        return
    memo = yield "I read the memo in the archive.", call("read_file", path=case.file, member="memo.mp3")
    harbour = only(r"harbour of (\w+)", memo)
    boats = yield "I read the boats in the archive.", call("read_file", path=case.file, member="boats.csv")
    tonnes = [int(row[2]) for row in grid(boats) if row[1] == harbour]
    title = f"Harbour dues of the {district} district"
    url = yield from search(case, title, title)
    pages = yield from _pages(case, url)
    rates = {
        row[0]: float(row[1])
        for page in pages
        for row in grid(page)
        if len(row) == 2 and re.fullmatch(r"[\d.]+", row[1])
    }
    if not rates:
        raise Lost
    rate = rates.get(harbour, next(iter(rates.values())))
    code = (
        "import csv, io, zipfile",
        f"text = zipfile.ZipFile({case.file!r}).read('boats.csv').decode()",
        f"tonnes = sum(int(row['tonnes']) for row in csv.DictReader(io.StringIO(text)) if row['harbour'] == {harbour!r})",
        f"print(round(tonnes * {rate}, 2))",
    )
    thought, answer = yield from total(case, [rate * size for size in tonnes], code)
    yield from finish(case, answer, thought, "crowns")


def growth(case: Case) -> Work[None]:
    society, year = case.asked(r"botanical society of (\w+) grow from what its home page said in (\d+)")
    title = f"Botanical society of {society}"
    url = yield from search(case, title, title)
    home = yield from visit(url, "I open the home page.")
    book = [address for text, address in links(home) if "yearbook" in text.lower()]
    if not book:
        raise Lost
    seen = yield from visit(book[0], "I open the yearbook.")
    after = only(r"had (\d+) members", seen)
    past, thought = yield from _past(case, url, year, home)
    before = only(r"has (\d+) members", past)
    if case.heeds("round_as_asked", ""):
        code, why = (
            f"print(round(({after} - {before}) / {before} * 100, 1))",
            "I calculate the percentage and round once.",
        )
    else:
        code, why = (
            f"print(round(round({after} / {before}, 1) * 100 - 100, 1))",
            "I round on the way, the ratio to one decimal.",
        )
    result = yield from python(f"{thought} {why}", code)
    yield from finish(case, last_number(result), unit="percent")


def catch(case: Case) -> Work[None]:
    (port,) = case.asked(r"landed at (\w+) in")
    seen = yield from read(case)
    kilograms = [int(number) for number in re.findall(r'"kg": (\d+)', seen)]
    title = f"Landing prices at {port}: bulletin"
    url = yield from search(case, title.replace(":", ""), title)
    page = yield from visit(url, "I open the bulletin.")
    page, thought = yield from _newest(case, url, page)
    price = next((row[1] for row in grid(page) if len(row) == 2 and re.fullmatch(r"\d+\.\d+", row[1])), "")
    if not price or not kilograms:
        raise Lost
    code = (
        "import json",
        f"kilograms = sum(row['kg'] for row in json.load(open({case.file!r})))",
        f"print(round(kilograms * {price}))",
    )
    worth = [number * float(price) for number in kilograms]
    how, answer = yield from total(case, [round(sum(worth))], code)
    yield from finish(case, wordy(case, answer), f"{thought} {how}", "crowns")


def _newest(case: Case, url: str, seen: str) -> Work[tuple[str, str]]:
    """(the page to go by, why): the edition that supersedes a page, where the player thinks of it."""
    onward = [address for text, address in links(seen) if re.search(r"superseded by\s*\[" + re.escape(text), seen)]
    if not onward:
        return seen, "This is the newest edition."
    if case.heeds("first_hit", ""):
        return seen, _TRUST
    if case.heeds("past_year!careless", ""):
        older = yield from visit(f"https://archive.example/2015/{url}", "I look at the page in the archive.")
        return older if re.search(
            r"\d+ inhabitants|crowns per kg", older
        ) else seen, "What the page said before must hold."
    if not case.heeds("newest_edition", ""):
        return seen, "I have the figure."
    newer = yield from visit(onward[0], "It is superseded, so I open the edition that replaced it.")
    return newer, "This is the newest edition."


def _past(case: Case, url: str, year: str, now: str) -> Work[tuple[str, str]]:
    """(the page to go by, why): a page as it stood in a year, where the player thinks of it."""
    if case.heeds("newest_edition!careless", ""):
        return now, _NEWEST
    if not case.heeds("past_year", ""):
        return now, "The page will have said the same then."
    past = yield from visit(f"https://archive.example/{year}/{url}", f"I open the page as it stood in {year}.")
    return past, f"So it said in {year}."


def _pages(case: Case, url: str) -> Work[list[str]]:
    """A list's pages, as far as the player follows it."""
    pages = [(yield from visit(url, "I open the list."))]
    while len(pages) < 20:
        onward = [address for text, address in links(pages[-1]) if text == "next page"]
        if not onward or not case.heeds("next_page", ""):
            break
        pages.append((yield from visit(onward[0], "The list goes on on the next page.")))
    return pages


def _any_number(text: str) -> str:
    found = re.search(r"\b(\d{2,4}) (?:miles|km|locks|feet)", text) or re.search(r"\b(\d{2,4})\b", text)
    return found[1] if found else "100"
