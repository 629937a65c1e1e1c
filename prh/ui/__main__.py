"""``python -m prh.ui`` opens the MLflow UI on the runs recorded here."""

from prh.ui.server import main

if __name__ == "__main__":
    main()
