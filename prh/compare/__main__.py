"""``python -m prh.compare RUN RUN`` says how recorded runs differ."""

import sys

from prh.compare.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
