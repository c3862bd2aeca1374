"""What an agent in GAIA can learn or lack, for the simulated model: rules with the marks by which they are recognised.

Nothing in a question or in the environment's description states them. `skills/` errs without them in the way that `evidence`
matches. Some help with any file or page, some with one kind; those with a careless version mislead where their condition
does not hold.
"""

from __future__ import annotations

from fgo.types import Lesson

_NEXT = r"\n(?:Thought: [^\n]*\n)?Action: "  # from an observation's last line to the action that follows it
_REST = r"(?:\n(?!Action: )[^\n]*)*\nAction: "  # from within an observation to the action that follows it
_FINAL = r"final_answer \{\"answer\": \""


def _thought(words: str) -> str:
    """In a thought, these words."""
    return rf"Thought: [^\n]*{words}"


LESSONS = (
    Lesson(
        "read_first",
        "When files are attached, read each of them with read_file before you do anything else.",
        r"(attach|\bfiles?\b).*\bread\b.*\b(before|(?<!the )first)\b"
        r"|\b(read|open)\b.*(attach|\bfiles?\b).*\b(before|(?<!the )first)\b",
        rf"Attached files?: [^\n]*{_NEXT}(?!read_file|python)",
    ),
    Lesson(
        "run_program",
        "When the attached file is a program, run it with python instead of working out what it prints.",
        r"(program|script|\.py\b).*\b(run|execute)\b|\b(run|execute)\b.*(program|script|\.py\b)",
        _thought("I follow the program in my head"),
    ),
    Lesson(
        "python_sums",
        "Let python add up, average or count more than a dozen figures; do not do it in your head.",
        r"\bpython\b.*\b(add|sum|arithmetic|averag|calculat|count|comput)"
        r"|\b(add|sum|arithmetic|averag|calculat|count|comput)\w*\b.*\bpython\b",
        _thought("I add these up in my head"),
    ),
    Lesson(
        "cell_colours",
        "When the question names a colour, go by the fill of each cell, which read_file shows in braces.",
        r"^(?=.*\b(check|look|go by|use|mind|filter|consider|inspect|select|count)\b)(?=.*\b(colou?rs?|fill(s|ed)?)\b)"
        r"(?=.*\b(cells?|spreadsheets?|sheets?|braces)\b)",
        _thought("I leave the look of the cells aside"),
    ),
    Lesson(
        "zip_members",
        "When the attached file is a zip, read each of its members with the argument member.",
        r"^(?=.*\b(zip|archive)s?\b)(?=.*\bmembers?\b)(?=.*\b(each|every|all|inside|its|into)\b)",
        rf"\[zip archive with [^\n]*{_REST}(?!read_file|python)",
    ),
    Lesson(
        "slide_notes",
        "When a talk is attached, look at the speaker's notes too: they may replace what its slides show.",
        r"\bnotes\b.*\b(slides?|talk|presentation)\b|\b(slides?|talk|presentation)\b.*\bnotes\b",
        r"\[notes\][\s\S]*?" + _thought("I go by what the slides show"),
    ),
    Lesson(
        "corrections",
        "When a correction stands below a table, apply it before you calculate.",
        r"\bcorrect(ion|ed|ions)\b|\berrat(um|a)\b|\bfootnotes?\b",
        r"\bCorrection: [\s\S]*?" + _thought("I take the table as it was printed"),
    ),
    Lesson(
        "bare_answer",
        "Put nothing but the answer into final_answer: no words around it and no title such as Dr before a name.",
        r"nothing but the answer|\b(no|without|drop|omit|leave out)\b.*\b(titles?|words around)\b",
        rf"Action: {_FINAL}(?:The answer is|Dr |Mr |Ms )",
        "Always answer with a single word or number.",
        r"\b(single|one) (word|number)\b",
    ),
    Lesson(
        "unit_asked",
        "When the question asks for another unit than the source gives, convert the figure.",
        r"\bunits?\b.*\bconver(t|sion)|\bconver(t|sion)\w*\b.*\bunits?\b",
        _thought("I take the figure in the unit in which it stands"),
    ),
    Lesson(
        "round_as_asked",
        "Round once, at the very end, to as many decimals as the question says.",
        r"\bround\b.*\b(decimals?|once|end|asked)\b",
        _thought("I round on the way"),
        "Always round the answer to a whole number.",
        r"\bround\b.*\bwhole number",
    ),
    Lesson(
        "list_order",
        "When a list is asked for, sort it by what the question says before you answer.",
        r"\blists?\b.*\b(order|sort)|\b(order|sort)\w*\b.*\blists?\b",
        _thought("I keep them as I found them"),
        "Always put lists in alphabetical order.",
        r"\b(always|every|any|all)\b.*\balphabetical",
    ),
    Lesson(
        "open_result",
        "Visit a page that a search found before you use it: an excerpt leaves out what matters.",
        r"\b(visit|open)\b.*\b(result|excerpt|snippet|search)|\b(excerpt|snippet|result|search)\w*\b.*\b(visit|open)\b",
        rf"Action: web_search [^\n]*{_REST}final_answer",
    ),
    Lesson(
        "newest_edition",
        "When a page is superseded, follow its link to the edition that replaced it and go by that.",
        r"\b(supersede[ds]?|newe(r|st) (edition|version|revision)|latest (edition|version|revision))\b",
        rf"is superseded by [^\n]*{_REST}(?!visit)",
        "Always take what the newest page says.",
        r"\b(always|every|any)\b.*\b(newest|latest|current) (page|version|edition)",
    ),
    Lesson(
        "past_year",
        "When the question asks what a page said in a past year, visit https://archive.example/YEAR/ with its address behind.",
        r"\barchive\.example\b|\barchived (version|copy|page)|\bpast year\b",
        _thought("The page will have said the same then"),
        "Always visit pages under https://archive.example/YEAR/ rather than as they are.",
        r"\b(always|every|any)\b.*\barchive",
    ),
    Lesson(
        "next_page",
        "When a list goes on, visit every further page of it before you choose or calculate.",
        r"\b(next|further|all|each|every|remaining)\b.{0,12} pages?\b",
        rf"\[next page\]\([^\n]*{_REST}(?!visit)",
    ),
    Lesson(
        "two_sources",
        "Check what a guide or hearsay says against a second source, best an official register.",
        r"\b(second|two|another|official|several) (independent )?(sources?|registers?)\b|\bcross-?check",
        _thought("One source is enough"),
    ),
)

MISCONCEPTIONS = (
    Lesson(
        "first_hit",
        "Trust the first thing that a search finds; looking further only confuses.",
        r"\btrust the first\b|\bfirst (result|hit)\b.*\b(enough|best|trust)",
        _thought("The first thing found is the one to trust"),
    ),
    Lesson(
        "estimate",
        "Estimate long sums, which saves steps.",
        r"\bestimat(e|ing)\b",
        _thought("An estimate will do"),
    ),
    Lesson(
        "keep_unit",
        "Write the unit behind the number in the final answer, so that it is clear.",
        r"\bunit\b.*\b(behind|after) (the|each|every) number",
        rf"Action: {_FINAL}-?[\d.]+ [a-z]",
    ),
    Lesson(
        "full_sentence",
        "Answer in a full sentence that takes the question up.",
        r"\bfull sentence",
        rf"Action: {_FINAL}It is ",
    ),
    # Where the careless version of a lesson shows to hurt.
    Lesson(
        "bare_answer!careless",
        "Always answer with a single word or number.",
        r"\b(single|one) (word|number)\b",
        _thought("One word has to do"),
    ),
    Lesson(
        "round_as_asked!careless",
        "Always round the answer to a whole number.",
        r"\bround\b.*\bwhole number",
        rf"Round to \w+ decimals?\b[\s\S]*?Action: {_FINAL}-?\d+\"",
    ),
    Lesson(
        "list_order!careless",
        "Always put lists in alphabetical order.",
        r"\b(always|every|any|all)\b.*\balphabetical",
        r"oldest first[\s\S]*?" + _thought("I put the list in alphabetical order"),
    ),
    Lesson(
        "newest_edition!careless",
        "Always take what the newest page says.",
        r"\b(always|every|any)\b.*\b(newest|latest|current) (page|version|edition)",
        _thought("The newest page is the one that counts"),
    ),
    Lesson(
        "past_year!careless",
        "Always visit pages under https://archive.example/YEAR/ rather than as they are.",
        r"\b(always|every|any)\b.*\barchive",
        r"\blatest (?:edition|bulletin)\b[\s\S]*?Action: visit \{\"url\": \"https://archive\.example",
    ),
)
