"""What settings of augmentations may be."""

from voxaffect.errors import SettingsError


def refuse_outside(name: str, value: float, low: float, high: float) -> None:
    """Raise SettingsError for a value outside [low, high]."""
    if not low <= value <= high:
        raise SettingsError(f"{name}={value} is out of range; choose {low} to {high}")
