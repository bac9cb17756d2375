"""`python -m ftcore`: the command line."""

import sys

from ftcore.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
