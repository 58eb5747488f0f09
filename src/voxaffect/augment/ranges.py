"""Ranges of augmentations' settings."""

from voxaffect.errors import SettingsError


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Check that a setting is in its range.

    Args:
        name: Of the setting, as an experiment's file spells it.
        value: Its value.
        low: The least that is allowed.
        high: The most that is allowed.

    Raises:
        SettingsError: The value is outside [low, high].
    """
    if not low <= value <= high:
        raise SettingsError(f"{name}={value} is out of range; choose {low} to {high}")
