"""What stands in a generated household and where things usually lie: the tables the generator draws from.

Shares and usual places follow what the released ALFWorld training games look like, kitchens a third smaller (README.md
has the figures); what fits where at all comes from the alfworld package itself.
"""

from __future__ import annotations

from collections.abc import Mapping

KITCHEN, LIVING_ROOM, BEDROOM, BATHROOM = "Kitchen", "LivingRoom", "Bedroom", "Bathroom"

FURNITURE: Mapping[str, Mapping[str, tuple[float, int, int]]] = {
    KITCHEN: {
        "CounterTop": (1, 1, 3),
        "Cabinet": (1, 4, 9),
        "Drawer": (0.95, 2, 6),
        "StoveBurner": (1, 2, 4),
        "Fridge": (1, 1, 1),
        "Microwave": (1, 1, 1),
        "SinkBasin": (1, 1, 1),
        "GarbageCan": (1, 1, 1),
        "CoffeeMachine": (1, 1, 1),
        "Toaster": (1, 1, 1),
        "DiningTable": (0.55, 1, 2),
        "Shelf": (0.2, 2, 3),
        "SideTable": (0.1, 1, 1),
    },
    LIVING_ROOM: {
        "Sofa": (1, 1, 2),
        "GarbageCan": (1, 1, 1),
        "ArmChair": (0.95, 1, 2),
        "SideTable": (0.85, 1, 3),
        "CoffeeTable": (0.8, 1, 2),
        "Drawer": (0.75, 2, 6),
        "DiningTable": (0.5, 1, 1),
        "Dresser": (0.4, 1, 1),
        "TVStand": (0.35, 1, 1),
        "Shelf": (0.35, 2, 5),
        "Cabinet": (0.15, 2, 4),
        "Ottoman": (0.15, 1, 1),
        "Safe": (0.05, 1, 1),
    },
    BEDROOM: {
        "Bed": (1, 1, 2),
        "GarbageCan": (1, 1, 1),
        "Drawer": (1, 2, 7),
        "Desk": (0.7, 1, 2),
        "Shelf": (0.7, 1, 5),
        "SideTable": (0.7, 1, 2),
        "Dresser": (0.45, 1, 1),
        "LaundryHamper": (0.3, 1, 1),
        "ArmChair": (0.2, 1, 2),
        "Cabinet": (0.2, 2, 4),
        "Safe": (0.2, 1, 1),
        "DiningTable": (0.1, 1, 1),
    },
    BATHROOM: {
        "SinkBasin": (1, 1, 2),
        "Toilet": (1, 1, 1),
        "GarbageCan": (1, 1, 1),
        "TowelHolder": (1, 1, 2),
        "HandTowelHolder": (1, 1, 2),
        "ToiletPaperHanger": (1, 1, 1),
        "CounterTop": (0.85, 1, 2),
        "BathtubBasin": (0.75, 1, 1),
        "Drawer": (0.55, 2, 6),
        "Cabinet": (0.5, 2, 5),
        "Shelf": (0.25, 1, 3),
        "Cart": (0.1, 1, 1),
        "Dresser": (0.1, 1, 1),
    },
}
"""Room -> receptacle type -> (share of rooms that have any, fewest, most)."""

OPENABLE_SHARE: Mapping[str, float] = {"Fridge": 1, "Microwave": 1, "Safe": 1, "Cabinet": 0.83, "Drawer": 0.84}
"""Receptacle type -> share of its instances with a door, all closed at first; the rest stand open for good."""


def _each(share: float, things: str) -> dict[str, float]:
    return dict.fromkeys(things.split(), share)


THINGS: Mapping[str, Mapping[str, float]] = {
    KITCHEN: _each(
        0.85,
        "Apple Bowl Bread ButterKnife Cup DishSponge Egg Fork Knife Lettuce Mug Pan PepperShaker Plate Pot Potato"
        " SaltShaker SoapBottle Spatula Spoon Tomato",
    )
    | _each(0.5, "Kettle Ladle WineBottle Glassbottle")
    | _each(0.15, "Vase Statue CellPhone CreditCard Book SprayBottle"),
    LIVING_ROOM: _each(0.85, "CreditCard KeyChain RemoteControl Statue Laptop Vase Watch Newspaper")
    | _each(0.5, "Box Pillow TissueBox WateringCan Book CellPhone Plate Pen Pencil")
    | _each(0.2, "Candle Bowl"),
    BEDROOM: _each(0.9, "Pen Pencil CD KeyChain CellPhone CreditCard Book AlarmClock Pillow Laptop")
    | _each(0.45, "Mug Bowl Box BaseballBat BasketBall TennisRacket Cloth TissueBox")
    | _each(0.15, "Statue Vase RemoteControl Watch"),
    BATHROOM: _each(0.95, "ToiletPaper SoapBar Candle Cloth SprayBottle SoapBottle HandTowel Towel")
    | _each(0.45, "DishSponge TissueBox"),
}
"""Room -> type of thing that can be carried -> share of games that have any."""

USUAL_PLACES: Mapping[str, str] = {
    "AlarmClock": "Desk Desk Shelf SideTable Dresser",
    "Apple": "CounterTop CounterTop Fridge Fridge DiningTable GarbageCan Microwave",
    "BaseballBat": "Bed",
    "BasketBall": "Bed Dresser ArmChair",
    "Book": "Bed Bed Desk Drawer Shelf Sofa SideTable CoffeeTable CounterTop",
    "Bowl": "Cabinet Cabinet CounterTop Fridge DiningTable Desk Shelf Dresser",
    "Box": "CoffeeTable Sofa DiningTable Desk Dresser",
    "Bread": "CounterTop CounterTop DiningTable Fridge",
    "ButterKnife": "CounterTop CounterTop Drawer DiningTable SinkBasin",
    "CD": "Drawer Drawer Desk SideTable Dresser GarbageCan",
    "Candle": "CounterTop Toilet Drawer Cabinet Shelf CoffeeTable",
    "CellPhone": "Drawer Bed Desk SideTable Sofa CoffeeTable DiningTable CounterTop",
    "Cloth": "BathtubBasin Cabinet CounterTop Drawer SinkBasin LaundryHamper",
    "CreditCard": "Drawer Drawer Shelf SideTable Dresser Desk Sofa ArmChair CounterTop",
    "Cup": "Cabinet Cabinet Fridge CounterTop DiningTable SinkBasin Microwave",
    "DeskLamp": "SideTable Desk Dresser Shelf",
    "DishSponge": "CounterTop Cabinet Drawer SinkBasin GarbageCan",
    "Egg": "Fridge Fridge CounterTop Microwave GarbageCan SinkBasin DiningTable",
    "Fork": "CounterTop Drawer Drawer DiningTable SinkBasin",
    "Glassbottle": "Cabinet CounterTop DiningTable Fridge",
    "HandTowel": "HandTowelHolder",
    "Kettle": "StoveBurner CounterTop Cabinet",
    "KeyChain": "Drawer SideTable Desk Shelf Dresser CoffeeTable Sofa",
    "Knife": "CounterTop CounterTop Drawer Drawer DiningTable",
    "Ladle": "CounterTop Cabinet Drawer DiningTable",
    "Laptop": "Bed Bed Sofa Desk CoffeeTable DiningTable",
    "Lettuce": "CounterTop CounterTop Fridge Fridge DiningTable SinkBasin",
    "Mug": "Cabinet CoffeeMachine CounterTop Fridge DiningTable Microwave Desk Shelf Dresser",
    "Newspaper": "Sofa SideTable CoffeeTable ArmChair",
    "Pan": "StoveBurner StoveBurner CounterTop Cabinet Fridge",
    "Pen": "Desk Drawer Shelf SideTable Dresser",
    "Pencil": "Desk Drawer Shelf SideTable Dresser GarbageCan",
    "PepperShaker": "Cabinet Cabinet CounterTop Drawer DiningTable",
    "Pillow": "Bed Bed Sofa Sofa ArmChair",
    "Plate": "Cabinet Cabinet CounterTop DiningTable Fridge Shelf CoffeeTable",
    "Pot": "StoveBurner StoveBurner CounterTop Cabinet Fridge",
    "Potato": "CounterTop Fridge Fridge DiningTable Microwave SinkBasin GarbageCan",
    "RemoteControl": "CoffeeTable Sofa ArmChair SideTable Drawer",
    "SaltShaker": "Cabinet Cabinet CounterTop Drawer DiningTable",
    "SoapBar": "CounterTop Toilet Cabinet BathtubBasin Drawer SinkBasin",
    "SoapBottle": "CounterTop Cabinet Toilet Shelf GarbageCan",
    "Spatula": "CounterTop CounterTop Drawer DiningTable SinkBasin",
    "Spoon": "CounterTop Drawer Drawer DiningTable SinkBasin",
    "SprayBottle": "CounterTop Toilet Cabinet Shelf GarbageCan",
    "Statue": "Shelf CoffeeTable DiningTable SideTable Dresser CounterTop",
    "TennisRacket": "Bed Dresser Desk",
    "TissueBox": "Shelf CoffeeTable SideTable CounterTop Drawer",
    "ToiletPaper": "CounterTop Toilet Cabinet ToiletPaperHanger Drawer",
    "Tomato": "Fridge Fridge CounterTop CounterTop DiningTable GarbageCan",
    "Towel": "TowelHolder",
    "Vase": "Shelf Cabinet CounterTop CoffeeTable SideTable Dresser",
    "Watch": "SideTable CoffeeTable Drawer Dresser TVStand",
    "WateringCan": "Shelf CoffeeTable SideTable",
    "WineBottle": "CounterTop Cabinet DiningTable GarbageCan Fridge",
}
"""Thing -> receptacle types it usually lies in, a type named twice twice as often."""

UNUSUAL_SHARE = 0.12
"""How often a thing lies anywhere it fits instead of in a usual place."""

ROOMS_FOR: Mapping[str, Mapping[str, int]] = {
    "pick_and_place_simple": {KITCHEN: 3, LIVING_ROOM: 3, BEDROOM: 3, BATHROOM: 3},
    "look_at_obj_in_light": {LIVING_ROOM: 1, BEDROOM: 3},
    "pick_clean_then_place_in_recep": {KITCHEN: 3, BATHROOM: 1},
    "pick_heat_then_place_in_recep": {KITCHEN: 1},
    "pick_cool_then_place_in_recep": {KITCHEN: 1},
    "pick_two_obj_and_place": {KITCHEN: 3, LIVING_ROOM: 2, BEDROOM: 2, BATHROOM: 2},
}
"""Task type -> rooms it is set in, with their weights (the kinds are those of alfworld's own GOALS_VALID)."""
