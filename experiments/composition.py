"""Command-line overrides to checked settings, by Hydra's compose; and a sweep to all its points before the first one runs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from experiments.errors import UsageError
from experiments.settings import Settings, read_settings, schema_of


def config_folder() -> str:
    """Where conf/ is installed."""
    return str(Path(str(files("conf"))))


def settings_of(overrides: Sequence[str]) -> Settings:
    """The one point that overrides name. Raises UsageError naming key, value and what is allowed."""
    with _hydra():
        return _settings(overrides)


def sweep(overrides: Sequence[str]) -> list[Settings]:
    """All points of a multirun, checked, in the order in which they will run."""
    with _hydra():
        loader = GlobalHydra.instance().config_loader()
        try:
            parsed = OverridesParser.create(config_loader=loader).parse_overrides(list(overrides))
            batches = BasicSweeper.split_arguments(parsed, max_batch_size=None)
        except HydraException as error:
            raise UsageError(str(error)) from error
        varied = [override.get_key_element() for override in parsed if override.is_sweep_override()]
        return [_settings(point, varied) for batch in batches for point in batch]


def read_config(config: DictConfig, choices: Mapping[str, Any], varied: Sequence[str] = ()) -> Settings:
    """Settings from a configuration that Hydra composed; `choices` are its hydra.runtime.choices. varied: see
    `read_settings`.

    Top-level keys that begin with _ hold what others refer to, and are no settings; `_choices` is the choices, so that a
    value may depend on the environment chosen: ${_texts.${_choices.env}}."""
    chosen = {key: str(value) for key, value in choices.items()}
    config = config.copy()
    with open_dict(config):
        config["_choices"] = chosen
    resolved = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    assert isinstance(resolved, dict)
    plain = {str(key): value for key, value in resolved.items() if not str(key).startswith("_")}
    return read_settings(plain, chosen, varied)


def _settings(overrides: Sequence[str], varied: Sequence[str] = ()) -> Settings:
    try:
        config = compose("config", overrides=list(overrides), return_hydra_config=True)
        choices = OmegaConf.to_container(config.hydra.runtime.choices)
        assert isinstance(choices, dict)
        with open_dict(config):
            del config["hydra"]
        return read_config(config, {str(key): value for key, value in choices.items()}, varied)
    except (HydraException, OmegaConfBaseException) as error:
        raise UsageError(_explained(error)) from error
    except ValueError as error:  # Hydra's own, for a group that is set to null
        raise UsageError(f"{' '.join(overrides)}: {error}") from error


def _explained(error: Exception) -> str:
    """Hydra's message, with the keys that there are where one was misspelt."""
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    key = getattr(cause, "full_key", None)
    parent = getattr(cause, "parent_node", None)
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and key and isinstance(parent, DictConfig):
        path, _, name = key.rpartition(".")
        schema = schema_of(path, parent)
        if schema is not None and name in schema.__dataclass_fields__:
            return f"{key}: stands at its default and not in the chosen file; set it with +{key}=VALUE"
        allowed = [str(other) for other in parent if not str(other).startswith("_") and other != "hydra"]
        near = difflib.get_close_matches(name, allowed, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        return f"{key}: no such key; {hint}{path or 'the configuration'} has {', '.join(allowed)}"
    return str(error).strip()


@contextmanager
def _hydra() -> Iterator[None]:
    with initialize_config_dir(config_folder(), version_base="1.3", job_name="fgo"):
        yield
