"""Leaks and duplicates in any split, ours or somebody else's.

`listing` reads a split into rows, `fingerprint` remembers each recording by what no copy loses, `neighbours` finds
those that are remembered alike without comparing all with all, `twins` holds two recordings against each other, and
`findings` puts together what is wrong.
"""

from voxaffect.audit.findings import Findings, Pair, audit
from voxaffect.audit.listing import ROLES, Listing, Row, read
from voxaffect.audit.twins import Twin

__all__ = ["ROLES", "Findings", "Listing", "Pair", "Row", "Twin", "audit", "read"]
