"""Tables and pictures of a corpus or of one recording: what is measured, what it answers, what it looks like."""

from voxaffect.errors import missing_extra

try:
    import librosa  # noqa: F401
    import matplotlib  # noqa: F401
    import scipy  # noqa: F401
    import sklearn  # noqa: F401
except ImportError as error:
    raise missing_extra("explore", error) from error
