"""``python -m prh``: the same as ``prh``."""

from prh.commands.dispatch import main

if __name__ == "__main__":
    main()
