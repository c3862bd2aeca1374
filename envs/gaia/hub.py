"""Fetches official GAIA data with the user's own access, into the Hugging Face cache and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

from envs.gaia.official import DATA_VARIABLE, YEAR

REPOSITORY = "gaia-benchmark/GAIA"
TERMS = f"https://huggingface.co/datasets/{REPOSITORY}"
TOKEN_VARIABLE = "HF_TOKEN"

_HOW = (
    f"Accept the terms on {TERMS} and set {TOKEN_VARIABLE} to a token of that account, or set {DATA_VARIABLE} to a local copy "
    "of the repository. (Tasks of the same kind without any terms: env.source=embedded.)"
)


def fetch(hidden: bool) -> Path:
    """The folder of the repository's present state, or of the cached one where there is no network. hidden: with the test
    split. One request where everything is there already, none without a token.

    Raises FileNotFoundError that says which terms to accept and which variable to set.
    """
    import httpx  # what huggingface_hub speaks through
    from huggingface_hub import get_token, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    token = os.environ.get(TOKEN_VARIABLE) or get_token()
    if not token:
        raise FileNotFoundError(f"There is no token for GAIA's official data. {_HOW}")
    splits = ("validation", "test") if hidden else ("validation",)
    try:
        return Path(
            snapshot_download(
                REPOSITORY, repo_type="dataset", token=token, allow_patterns=[f"{YEAR}/{split}/*" for split in splits]
            )
        )
    except LocalEntryNotFoundError as error:
        offline = " HF_HUB_OFFLINE is set: unset it to download them." if os.environ.get("HF_HUB_OFFLINE") else ""
        raise FileNotFoundError(f"GAIA's official data are not here, and can't be reached.{offline} {_HOW}") from error
    except HfHubHTTPError as error:  # no such token, terms not accepted, or the service is down
        raise FileNotFoundError(f"GAIA's official data were refused ({type(error).__name__}). {_HOW}") from error
    except httpx.HTTPError as error:
        raise FileNotFoundError(f"GAIA's official data can't be reached ({type(error).__name__}). {_HOW}") from error
