"""The tree of a run's modules, for the page: what each was made from, in which layer it stands, why it was kept or not,
and from which episodes each of its rules was drawn."""

from __future__ import annotations

from collections.abc import Mapping

from fgo.types import Json, Modules


class Tree:
    """Nodes in the order in which their modules were first made. told: whether texts may be kept."""

    def __init__(self) -> None:
        self.told = True
        self.final = ""
        self.failed: list[dict[str, Json]] = []
        self.seeds: dict[str, Mapping[str, str]] = {}
        self._nodes: dict[str, dict[str, Json]] = {}

    def observe(self, event: Mapping[str, Json]) -> None:
        """Take an event in; kinds that say nothing of modules are ignored."""
        match event["kind"]:
            case "proposal" if event["modules"] is None:
                problem = event["problem"] if self.told else ""
                self.failed.append({"scope": event["scope"], "made": "proposal", "problem": problem})
            case "proposal":
                self._made(event, (event["parent"],), event["shown"], event["evidence"])
            case "merge" if event["modules"] is not None:
                digest = self._made(event, tuple(event["parents"]))
                self._decide(digest, event)
            case "merge":
                problem = event["why"] if self.told else ""
                self.failed.append({"scope": event["scope"], "made": "merge", "problem": problem})
            case "decision":
                self._decide(event["candidate"], event)
            case "validation":
                self._known(event["modules"])["mean"] = event["mean"]
            case "modules":
                self._result(Modules.from_json(event["modules"]))

    def _made(
        self,
        event: Mapping[str, Json],
        parents: tuple[str, ...],
        shown: Mapping[str, str] | None = None,
        evidence: Mapping[str, Json] | None = None,
    ) -> str:
        modules = Modules.from_json(event["modules"])
        for parent in parents:  # nobody made it so far: it is the seed, whoever comes back to its texts later
            self._known(parent)["fixed"] = True
        node = self._known(modules.digest)
        if not node["fixed"]:
            node |= {
                "made": event["kind"],
                "scope": event["scope"],
                "parents": list(parents),
                "layer": 1 + max((self._nodes[parent]["layer"] for parent in parents), default=0),
                "texts": dict(modules.texts) if self.told else None,
                "lines": {name: len(text.splitlines()) for name, text in modules.texts.items()},
                "shown": dict(shown or {}),
                "evidence": self._evidence(evidence or {}),
                "fixed": True,
            }
        return modules.digest

    def _evidence(self, evidence: Mapping[str, Json]) -> list[Json]:
        """(rule, labels) pairs; the rules unnamed where they may not be told."""
        return [[rule if self.told else "", list(labels)] for rule, labels in evidence.items()]

    def _known(self, digest: str) -> dict[str, Json]:
        """The node of these modules: a seed, at the root, until an event says what it was made from."""
        if digest not in self._nodes:
            self._nodes[digest] = {
                "digest": digest, "made": "seed", "scope": {}, "parents": [], "layer": 0, "texts": None, "lines": {},
                "shown": {}, "evidence": [], "mean": None, "accepted": None, "why": "", "fixed": False,
            }  # fmt: skip
        return self._nodes[digest]

    def _decide(self, digest: str, event: Mapping[str, Json]) -> None:
        self._known(digest).update(accepted=event["accepted"], why=event["why"])

    def _result(self, modules: Modules) -> None:
        self.final = modules.digest
        node = self._known(modules.digest)
        if node["texts"] is None and self.told:
            node["texts"] = dict(modules.texts)
        node["lines"] = {name: len(text.splitlines()) for name, text in modules.texts.items()}
        if node["made"] == "seed" and self.told:
            self.seeds[modules.digest] = dict(modules.texts)

    def nodes(self) -> list[dict[str, Json]]:
        """All of them as plain data, those made from others behind these."""
        return [{key: value for key, value in node.items() if key != "fixed"} for node in self._nodes.values()]
