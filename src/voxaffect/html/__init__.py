"""Pages and pictures: one self-contained page, and the colours of emotions."""
