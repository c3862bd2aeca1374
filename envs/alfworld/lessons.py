"""What an ALFWorld agent can learn or lack, for the simulated model: rules with the marks by which they are recognised.

Each lesson shows in trajectories alone: nothing in a task or in the environment's description states it. `player.py`
errs without it in the way that `evidence` matches. Some help in every task, some in one kind only; those with a
careless version mislead where their condition does not hold, and then contradict each other: merging can go wrong.
"""

from __future__ import annotations

from fgo.types import Lesson

_NEXT = r"\n(?:Thought: [^\n]*\n)?Action: "  # from an observation to the action that follows it
_FAILED = r"\nObservation: Nothing happens"

CONFUSABLE = (
    ("mug", "cup"),
    ("pot", "pan"),
    ("pen", "pencil"),
    ("knife", "butterknife"),
    ("plate", "bowl"),
    ("soapbar", "soapbottle"),
    ("spoon", "fork"),
    ("saltshaker", "peppershaker"),
    ("apple", "tomato"),
    ("book", "newspaper"),
    ("watch", "keychain"),
    ("towel", "handtowel"),
)
"""Kinds of objects that a hasty player takes for each other."""


def _took_for(wanted: str, taken: str) -> str:
    return rf"Your task is to: [^\n]*\b{wanted}\b[^\n]*\n[\s\S]*?Action: take {taken}\b"


LESSONS = (
    Lesson(
        "open_closed",
        "When you arrive at a closed receptacle while searching, open it and look inside before you call it empty.",
        r"\bopen\b.*\b(look|search|see|check)\w* (inside|in it|into)|closed .*\bopen it\b.*\b(empty|search|inside)",
        rf"The (\w+ \d+) is closed\.{_NEXT}go to",
    ),
    Lesson(
        "open_target",
        "When the receptacle in which you want to place something is closed, open it first.",
        r"(plac|put|target|destination).*\bclosed\b.*\bopen\b|\bopen\b.*\bbefore (you )?(plac|putt)",
        rf"The (\w+ \d+) is closed\.{_NEXT}(?:move|put) [^\n]* \1{_FAILED}",
    ),
    Lesson(
        "clean_at_sink",
        "When the task asks for something clean, go to a sinkbasin with it and write `clean OBJECT "
        "with sinkbasin N` before "
        "placing it.",
        r"clean.*\bsink",
        rf"Action: clean \w+ \d+{_FAILED}",
        "Always clean the object at a sinkbasin right before placing it.",
        r"\b(always|every|any)\b.*clean.*\bsink",
    ),
    Lesson(
        "heat_at_microwave",
        "When the task asks for something hot or heated, go to a microwave with it and write `heat "
        "OBJECT with microwave N` "
        "before placing it.",
        r"(heat|hot|warm).*microwave",
        rf"Action: heat \w+ \d+{_FAILED}",
        "Always heat the object with a microwave right before placing it.",
        r"\b(always|every|any)\b.*(heat|hot|warm).*microwave",
    ),
    Lesson(
        "cool_at_fridge",
        "When the task asks for something cool or cold, go to a fridge with it and write `cool "
        "OBJECT with fridge N` before "
        "placing it.",
        r"(cool|cold|chill).*fridge",
        rf"Action: cool \w+ \d+{_FAILED}",
        "Always cool the object with a fridge right before placing it.",
        r"\b(always|every|any)\b.*(cool|cold|chill).*fridge",
    ),
    Lesson(
        "lamp_holding",
        "When the task is to look at or examine something under a desklamp, take it, go to the "
        "desklamp and `use desklamp N` "
        "while you hold it.",
        r"\blamp.*(hold|carry|with it)|desklamp.*(while|hold)|(hold|take|carry).*desklamp",
        rf"You turn on the \w*lamp \d+\.{_NEXT}",
        "Hold on to the object once you have taken it and do not put it down.",
        r"hold on to|(never|do not|don't) (put|set) (it|the object) down|keep holding",
    ),
    Lesson(
        "one_at_a_time",
        "When the task asks for two objects, place the first before you take the second: you can "
        "hold only one at a time.",
        r"one (object )?at a time|hold only one|first before (you )?(tak|fetch|pick)\w* the second",
        rf"Action: take (\w+) \d+ from [^\n]*{_FAILED}",
    ),
    Lesson(
        "leave_placed",
        "When you look for the second of two objects, leave the first where you placed it.",
        r"\bleave\b.*\bplaced\b|\b(do not|don't|never) take (back )?(it|the first|the placed)",
        r"Your task is to: [^\n]*\btwo\b[\s\S]*?You (?:move|put) the (\w+ \d+) (?:to|in/on) the (\w+ \d+)\."
        rf"{_NEXT}take \1 from \2",
    ),
    Lesson(
        "same_place",
        "When the task asks for two objects, place the second in the same numbered receptacle as the first.",
        r"\bsame\b.*\breceptacle",
        r"Your task is to: [^\n]*\btwo\b[\s\S]*?You (?:move|put) the (\w+) \d+ (?:to|in/on) the (\w+ \d+)\."
        r"[\s\S]*?You (?:move|put) the \1 \d+ (?:to|in/on) the (?!\2\b)",
    ),
    Lesson(
        "move_not_put",
        "To put down what you hold, write `move OBJECT to RECEPTACLE`; `put OBJECT in/on RECEPTACLE` does nothing.",
        r"`move |\bmove (OBJECT|X|it|the object|\w+ \d+)\b.*\bto\b|\bmove\b.*(instead of|rather than|not).*\bput\b",
        rf"Action: (?:put|place|drop) [^\n]*{_FAILED}",
    ),
    Lesson(
        "no_repeat",
        "When an action did nothing, do not repeat it: try a different one.",
        r"(do not|don't|never|stop|avoid) repeat",
        rf"Action: ([^\n]+){_FAILED}\.{_NEXT}\1\n",
    ),
    Lesson(
        "likely_first",
        "When you search for an object, begin with the places where such an object is usually kept, "
        "not with those listed first.",
        r"(likel|usual|typical|common|probabl).*(first|begin|start|kept|before)"
        r"|(first|begin|start).*(likel|usual|typical)",
        r"Thought: I take the places in the order in which they are listed",
    ),
    Lesson(
        "no_research",
        "When you search for an object, do not go back to places that you have searched already.",
        r"(do not|don't|never|avoid) (go back|return|revisit|search\w* again|re-?search)"
        r"|(already|have) (searched|checked|visited)",
        r"Thought: I may have overlooked it there",
    ),
    Lesson(
        "no_examine",
        "When you arrive at a receptacle, the answer shows what is on it: do not spend a step on "
        "`examine` or `look` there.",
        r"arrive.*(do not|don't|no need|without).*(examine|look)|(do not|don't|no need).*(examine|look).*(arriv|there)",
        rf"Action: go to (\w+ \d+)\nObservation: You arrive[^\n]*{_NEXT}examine \1\n",
    ),
    Lesson(
        "exact_name",
        "Refer to objects and receptacles by their full name with the number, as in `take mug 2 from shelf 1`.",
        r"\b(full|exact|complete)\b.*\b(name|number)|with (its|the|their) number",
        rf"Action: take [a-z]+ from [^\n]*{_FAILED}",
    ),
    Lesson(
        "go_first",
        "Go to a receptacle before you use it or place something there: nothing can be done from afar.",
        r"\bgo to\b.*\bbefore you (use|place|act|clean|heat|cool|put)|from afar|from a distance",
        rf"You (?:pick up|clean|heat|cool) the [^\n]*{_NEXT}"
        rf"(?:(?:clean|heat|cool) \w+ \d+ with|move|put) [^\n]*{_FAILED}",
    ),
    Lesson(
        "direct",
        "Once you hold the object, go on with the next part of the task at once, without `inventory` or `examine`.",
        r"once you (hold|have).*(at once|directly|straight|immediately)|(without|no need for).*inventory",
        rf"You pick up the (\w+ \d+) from [^\n]*{_NEXT}(?:inventory|examine \1)\n",
    ),
    Lesson(
        "right_kind",
        "Take only an object of exactly the kind that the task names: a cup is no mug, a pan is no "
        "pot, a pencil is no pen.",
        r"exact(ly)? (the )?(kind|type)|\bis no(t a)? (mug|cup|pot|pan|pen|pencil)\b",
        "|".join(_took_for(a, b) + "|" + _took_for(b, a) for a, b in CONFUSABLE),
    ),
    Lesson(
        "undone_step",
        "When the task goes on although everything seems done, ask what it requires that you left "
        "out, take the object again "
        "and do that.",
        r"(left out|missing step|forg[eo]t|skipped).*|goes on.*(seems|although)",
        rf"(?:You (?:move|put) the|You turn on the) [^\n]*{_NEXT}look\n",
        "Whenever the task goes on after you placed an object, take that object back.",
        r"(whenever|always|every time).*\btake (that|the) object back",
    ),
)

MISCONCEPTIONS = (
    Lesson(
        "take_both",
        "When the task asks for two objects, collect both of them before you go to the place for them.",
        r"(collect|take|gather|pick up) both",
        rf"Action: take (\w+) \d+ from [^\n]*{_FAILED}",
    ),
    Lesson(
        "close_after",
        "Close each receptacle again after you have looked inside.",
        r"\bclose (each|every|it|the|them)\b",
        r"Action: close \w+ \d+\nObservation: You close",
    ),
    Lesson(
        "inventory_first",
        "Check your inventory each time you arrive somewhere, to be sure of what you carry.",
        r"check (your|the) inventory",
        rf"You arrive [^\n]*{_NEXT}inventory\n",
    ),
    Lesson(
        "survey",
        "Visit most places of the room before you take anything, so that you choose well.",
        r"(most|all) (of the )?places.*before (you )?tak",
        r"Thought: I see what I need here, but first I go on looking around",
    ),
    Lesson(
        "put_by_lamp",
        "To look at an object under a desklamp, put the object down beside the lamp and then use the lamp.",
        r"(down|object) beside the (desk)?lamp",
        rf"You (?:move|put) the [^\n]*{_NEXT}use \w*lamp",
    ),
    # Where the careless version of a lesson shows to hurt.
    Lesson(
        "clean_at_sink!careless",
        "Always clean the object at a sinkbasin right before placing it.",
        r"\b(always|every|any)\b.*clean.*\bsink",
        r"Your task is to: (?![^\n]*\bclean\b)[^\n]*\n[\s\S]*?Action: clean ",
    ),
    Lesson(
        "heat_at_microwave!careless",
        "Always heat the object with a microwave right before placing it.",
        r"\b(always|every|any)\b.*(heat|hot|warm).*microwave",
        r"Your task is to: (?![^\n]*\b(?:hot|heat)\b)[^\n]*\n[\s\S]*?Action: heat ",
    ),
    Lesson(
        "cool_at_fridge!careless",
        "Always cool the object with a fridge right before placing it.",
        r"\b(always|every|any)\b.*(cool|cold|chill).*fridge",
        r"Your task is to: (?![^\n]*\b(?:cool|cold)\b)[^\n]*\n[\s\S]*?Action: cool ",
    ),
    Lesson(
        "lamp_holding!careless",
        "Hold on to the object once you have taken it and do not put it down.",
        r"hold on to|(never|do not|don't) (put|set) (it|the object) down|keep holding",
        r"Thought: I have what I need and keep hold of it",
    ),
    Lesson(
        "undone_step!careless",
        "Whenever the task goes on after you placed an object, take that object back.",
        r"(whenever|always|every time).*\btake (that|the) object back",
        r"Your task is to: [^\n]*\btwo\b[\s\S]*?Thought: The task goes on, so I take it back",
    ),
)
