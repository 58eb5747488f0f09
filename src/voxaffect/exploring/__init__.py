"""Tables and pictures of a corpus or of one recording: what is measured, what it answers, what it looks like.

Measures and contrasts need SciPy and scikit-learn, pictures Matplotlib and librosa: the extra `explore`.
"""
