"""``python -m prh.export`` writes a recorded run as a folder for a paper."""

from prh.export.command import main

if __name__ == "__main__":
    main()
