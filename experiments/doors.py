"""A point's models: settings to a client with provider, cache, budget and recording; the simulated model joined to its
benchmark. Nowhere else do fgo/'s door and envs/' lessons meet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import orjson

from envs.base import Environment
from experiments.errors import UsageError
from experiments.provenance import simulation_digest
from experiments.settings import ModelSettings, Settings
from fgo.journal import Journal
from fgo.llm.cache import Cache
from fgo.llm.client import Client
from fgo.llm.config import ModelConfig
from fgo.llm.local.config import WHERE
from fgo.llm.local.provider import FILE_FIELD, LocalProvider
from fgo.llm.local.server import PROGRAM, LocalServer
from fgo.llm.model import Model
from fgo.llm.provider import Provider
from fgo.llm.recording import Recording
from fgo.llm.replay import ReplayProvider
from fgo.types import digest


@dataclass(frozen=True, slots=True)
class Models:
    """The two models of a point; often one and the same."""

    agent: Model
    optimizer: Model


@asynccontextmanager
async def open_models(settings: Settings, journal: Journal, provider: Provider | None = None) -> AsyncIterator[Models]:
    """The point's models; `provider` answers in place of the configured one, where given.

    Raises UsageError for a model without a price, an unusable cache or recording: before anything is spent.
    """
    plain = settings.plain
    agent, optimizer = (_identified(model, settings.env) for model in (settings.model, settings.optimizer_model))
    configs = [agent] if agent == optimizer else [agent, optimizer]
    try:
        if provider is None:
            provider = ReplayProvider(Path(plain.replay)) if plain.replay else _provider(settings, journal)
        cache = Cache(Path(plain.cache)) if plain.cache and not plain.replay else None
        recording = Recording(settings.recording) if settings.recording else None
        client = Client(provider, journal, configs, cache=cache, budget=plain.budget, recording=recording)
    except (ValueError, FileNotFoundError) as error:
        raise UsageError(str(error)) from error
    async with client:
        yield Models(Model(client, agent, journal), Model(client, optimizer, journal))


def _identified(model: ModelSettings, env: Environment) -> ModelConfig:
    """A simulated model's every request carries what its answers depend on: parameters, lessons and code; and a model
    file's, the file's hash. So the cache and a recording never take another model's answer for this one's."""
    if model.local is not None:
        return replace(model.config, extra_body={**model.config.extra_body, FILE_FIELD: model.local.sha256})
    if model.simulated is None:
        return model.config
    parameters = orjson.dumps(asdict(model.simulated), option=orjson.OPT_SORT_KEYS).decode()
    simulation = digest(parameters, simulation_digest(env))
    return replace(model.config, extra_body={**model.config.extra_body, "simulation": simulation})


def _provider(settings: Settings, journal: Journal) -> Provider:
    """litellm, with the simulated model as one of its providers where it is used, and the servers of model files.

    Raises UsageError for a missing key or package.
    """
    from fgo.llm.litellm_provider import LiteLLMProvider
    from fgo.llm.sim.model import SimulatedModel
    from fgo.llm.sim.provider import PROVIDER, handler

    used = (settings.model, settings.optimizer_model)
    simulated = {
        model.config.name.partition("/")[2]: SimulatedModel(
            model.simulated, [settings.env.simulated()], model.config.window, model.config.max_output
        )
        for model in used
        if model.simulated is not None
    }
    provider = LiteLLMProvider({PROVIDER: handler(simulated)} if simulated else None)
    for model in used:
        if model.simulated is None and model.local is None and model.config.api_base is None:
            missing = provider.missing_keys(model.config.name)
            if missing and all(name.endswith("_API_KEY") for name in missing):  # others have defaults elsewhere
                raise UsageError(
                    f"model {model.config.name!r} needs a key: set {' or '.join(missing)} in the environment"
                )
    servers = _servers(settings, journal)
    return LocalProvider(provider, servers) if servers else provider


def _servers(settings: Settings, journal: Journal) -> dict[str, LocalServer]:
    """A server for each model file that is used, by the model's name; none is started before it is asked."""
    servers: dict[str, LocalServer] = {}
    for model in (settings.model, settings.optimizer_model):
        local, config = model.local, model.config
        if local is None or config.name in servers:
            continue
        if local.path is None:
            raise UsageError(f"{config.name} has no file (model.path=null): {WHERE}")
        own = local.server.program
        if own is None and "fgo.llm.local.serve" in PROGRAM and find_spec("xllamacpp") is None:
            raise UsageError(
                f"{config.name} needs llama.cpp, by the package xllamacpp: pip install 'fgo-harness[local]'; or by your own "
                "llama-server: model.server.program=PATH. Or serve the file yourself and use model=server"
            )
        options = {
            "port": 0,
            "window": config.window,
            "slots": config.max_concurrency,
            "threads": local.server.thread_count,
            **({} if own is None else {"program": own}),
        }
        arguments = [str(Path(local.path).resolve()), *(f"--{name}={value}" for name, value in options.items())]
        log = settings.folder / f"server-{config.name.partition('/')[2]}.log"
        report = partial(journal.append, "server", model=config.name)
        servers[config.name] = LocalServer(arguments, log, local.server.start_seconds, local.server.restarts, report)
    return servers
