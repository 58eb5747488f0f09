"""Ranges of augmentations' settings."""

from voxaffect.errors import SettingsError


def check_ranges(name: str, settings: object, **ranges: tuple[float, float]) -> None:
    """Check that settings are in their ranges.

    Args:
        name: Of the augmentation, as an experiment's file spells it.
        settings: Whose attributes they are.
        ranges: Attribute -> the least and the most that is allowed.

    Raises:
        SettingsError: A value is out of its range.
    """
    for key, (low, high) in ranges.items():
        value = getattr(settings, key)
        if not low <= value <= high:
            raise SettingsError(f"augment.{name}.{key}={value} is out of range; choose {low} to {high}")
