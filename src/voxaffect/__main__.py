"""`python -m voxaffect`."""

import sys

from voxaffect.apps.cli import main

if __name__ == "__main__":
    sys.exit(main())
