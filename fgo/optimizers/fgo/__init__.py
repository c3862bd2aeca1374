"""FGO: divide the training tasks, optimize the agent on each part, merge the improved agents step by step."""

from fgo.optimizers.fgo.method import FGO as FGO
