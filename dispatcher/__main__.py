"""`python3 -m dispatcher VERB`: works from a fresh clone with nothing but Python 3.11 or later.

Every line here must parse on any Python 3, so that an old one answers with a sentence.
"""

import os
import sys

if sys.hexversion < 0x030B0000:
    sys.exit(
        "Tocsin needs Python 3.11 or later, and this is Python %d.%d: install a newer one, "
        "then run the same command with it (for example python3.11 -m dispatcher demo)."
        % (sys.version_info[0], sys.version_info[1])
    )
if os.name != "posix":
    sys.exit("Tocsin runs on Linux and macOS: on Windows use WSL, or docker compose.")

from dispatcher.setup.door import enter

sys.exit(enter(sys.argv[1:]))
