"""What an agent in ALFWorld is always told, and the modules that optimization starts from.

The placing command is left out on purpose, as is every piece of strategy: an agent has to learn them from what happens.
"""

from __future__ import annotations

DESCRIPTION = """\
The environment is a room of a household, described in text (ALFWorld). It holds numbered receptacles, such as \
cabinets, drawers and tables, and objects that may be in or on them. The first observation lists the receptacles and \
states your task.
Each action is one short command in lower case, without a full stop, naming things exactly as observations do:
- look
- inventory
- go to RECEPTACLE
- open RECEPTACLE
- close RECEPTACLE
- examine RECEPTACLE or OBJECT
- take OBJECT from RECEPTACLE
- use OBJECT
- clean OBJECT with RECEPTACLE
- heat OBJECT with RECEPTACLE
- cool OBJECT with RECEPTACLE
There is also a command that places what you carry. A command that does not apply, or is not understood, is answered \
"Nothing happens."."""

SEED_MODULES = {
    "instructions": "You are a household agent. Find the things your task names and do with them what it asks.",
    "demonstrations": "",
}
