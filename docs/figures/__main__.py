"""`make figures`: write what is stale."""

from figures import stale
from figures.tables import ROOT
from voxaffect.files.atomic import write_text

for path, text in stale().items():
    write_text(path, text)
    print(f"{path.relative_to(ROOT)}: written")
