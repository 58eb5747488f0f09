"""Summaries of calls as tables: a row a call, a group of columns a channel."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from voxaffect.files import rows
from voxaffect.inference.summary import CallSummary


def columns(classes: Sequence[str], channels: int) -> dict[str, type]:
    """The columns of a flat table, in their order: name -> type.

    Examples:
        >>> list(columns(["sad"], channels=1))[:7]
        ['file', 'duration', 'talk_time_0', 'share_sad_0', 'uncertain_0', 'sure_0', 'turning_points_0']
    """
    names: dict[str, type] = {"file": str, "duration": float}
    for channel in range(channels):
        of_channel = ["talk_time", *(f"share_{name}" for name in classes), "uncertain", "sure"]
        names |= {f"{name}_{channel}": float for name in of_channel} | {f"turning_points_{channel}": int}
    return names | {"warning": str, "error": str}


def flat_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """What `CallSummary.to_dict` returns as a row of a flat table; the mix of all channels counts as channel 0."""
    flat = {name: value for name, value in row.items() if name != "channels"}
    for number, channel in enumerate(row["channels"]):
        shares = {f"share_{name}": share for name, share in channel["shares"].items()}
        rest = {name: value for name, value in channel.items() if name not in ("channel", "shares")}
        flat |= {f"{name}_{number}": value for name, value in (rest | shares).items()}
    return flat


def write(path: Path, classes: Sequence[str], summaries: Sequence[CallSummary]) -> None:
    """Write summaries to a .jsonl, .csv or .parquet file, whole or not at all.

    Raises:
        SettingsError: The ending is of no table.
        MissingExtraError: It is Parquet, and the library is missing.
        OSError: There is no room.
    """
    table = [summary.to_dict() for summary in summaries]
    channels = max((len(row["channels"]) for row in table), default=0)
    nested = path.suffix.lower() == ".jsonl"
    rows.write(path, columns(classes, channels), table if nested else [flat_row(row) for row in table])
