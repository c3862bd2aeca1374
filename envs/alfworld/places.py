"""Where household objects are usually kept: for each kind of object the kinds of places, most worthwhile first.

A table of common sense for the simulated player, counted over the starting positions of 600 ALFWorld training games
(share of places of a kind that hold such an object, halved where the place must be opened first), none a test game.
"""

from __future__ import annotations

from functools import cache

_LIKELY = {
    "alarmclock": "desk dresser sidetable shelf diningtable countertop",
    "apple": "diningtable countertop fridge microwave sinkbasin garbagecan sidetable",
    "book": "bed desk dresser coffeetable armchair sofa tvstand sidetable countertop diningtable shelf drawer cabinet",
    "bowl": "diningtable desk fridge countertop tvstand dresser sinkbasin shelf coffeetable cabinet sidetable",
    "box": "coffeetable sofa desk tvstand diningtable dresser sidetable shelf cabinet",
    "bread": "diningtable countertop fridge sidetable garbagecan",
    "butterknife": "diningtable countertop sinkbasin sidetable drawer",
    "candle": "toilet cart coffeetable countertop tvstand dresser sidetable diningtable shelf drawer cabinet",
    "cd": "desk dresser sidetable garbagecan safe diningtable shelf drawer armchair cabinet",
    "cellphone": "bed desk dresser safe sidetable diningtable coffeetable armchair sofa countertop shelf drawer",
    "cloth": "bathtubbasin cart toilet countertop sinkbasin dresser cabinet drawer shelf",
    "creditcard": "tvstand desk dresser sofa coffeetable armchair sidetable shelf diningtable countertop drawer",
    "cup": "diningtable fridge sinkbasin countertop microwave sidetable cabinet shelf",
    "desklamp": "desk dresser sidetable coffeetable shelf",
    "dishsponge": "cart countertop diningtable sinkbasin bathtubbasin garbagecan shelf toilet drawer cabinet sidetable",
    "egg": "diningtable fridge countertop sinkbasin microwave garbagecan sidetable",
    "fork": "diningtable countertop sinkbasin drawer sidetable",
    "glassbottle": "diningtable countertop sinkbasin fridge garbagecan shelf cabinet",
    "handtowel": "handtowelholder countertop",
    "kettle": "countertop stoveburner diningtable sinkbasin cabinet",
    "keychain": "desk coffeetable dresser tvstand sidetable ottoman sofa safe armchair shelf diningtable drawer",
    "knife": "diningtable countertop sinkbasin sidetable drawer",
    "ladle": "countertop diningtable sinkbasin drawer cabinet",
    "laptop": "bed sofa desk tvstand coffeetable dresser ottoman diningtable armchair sidetable",
    "lettuce": "diningtable countertop fridge sinkbasin sidetable garbagecan",
    "mug": "coffeemachine desk countertop diningtable fridge dresser sinkbasin microwave sidetable shelf cabinet",
    "newspaper": "sofa coffeetable tvstand sidetable dresser armchair diningtable shelf drawer",
    "pan": "stoveburner countertop diningtable fridge cabinet",
    "papertowelroll": "countertop diningtable toilet garbagecan shelf",
    "pen": "desk dresser sidetable coffeetable shelf diningtable countertop garbagecan drawer",
    "pencil": "desk dresser sidetable coffeetable tvstand shelf diningtable garbagecan countertop drawer",
    "peppershaker": "diningtable countertop sidetable cabinet shelf drawer",
    "pillow": "bed sofa armchair",
    "plate": "diningtable countertop coffeetable fridge tvstand sidetable sinkbasin shelf cabinet microwave",
    "pot": "stoveburner countertop diningtable fridge cabinet",
    "potato": "diningtable fridge countertop sinkbasin microwave garbagecan sidetable",
    "remotecontrol": "coffeetable sofa tvstand dresser armchair desk sidetable diningtable shelf drawer countertop",
    "saltshaker": "diningtable countertop sidetable cabinet drawer shelf",
    "soapbar": "bathtubbasin toilet countertop sinkbasin garbagecan shelf drawer cabinet",
    "soapbottle": "diningtable toilet countertop garbagecan shelf sidetable cabinet dresser drawer",
    "spatula": "diningtable countertop sinkbasin drawer sidetable",
    "spoon": "diningtable countertop sinkbasin sidetable drawer",
    "spraybottle": "toilet cart countertop garbagecan diningtable shelf dresser cabinet",
    "statue": "coffeetable tvstand dresser sidetable shelf diningtable desk countertop",
    "teddybear": "bed",
    "tissuebox": "coffeetable cart tvstand desk sidetable diningtable shelf countertop drawer cabinet",
    "toiletpaper": "toilet toiletpaperhanger cart countertop garbagecan dresser shelf sidetable drawer cabinet",
    "tomato": "diningtable fridge countertop garbagecan sinkbasin sidetable",
    "towel": "towelholder countertop",
    "vase": "coffeetable tvstand shelf diningtable sidetable dresser countertop desk cabinet",
    "watch": "tvstand coffeetable dresser sidetable diningtable drawer",
    "wateringcan": "coffeetable shelf",
    "winebottle": "diningtable countertop garbagecan shelf cabinet",
}


@cache
def likely_places(kind: str) -> tuple[str, ...]:
    """Kinds of places in which to look for a kind of object, the likeliest first; empty for unknown objects."""
    return tuple(_LIKELY.get(kind, "").split())
