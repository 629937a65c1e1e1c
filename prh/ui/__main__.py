"""``python -m prh.ui`` opens the MLflow UI on the runs recorded here."""

import sys

from prh.ground.extras import require_experiment

require_experiment()

from prh.ui.server import main

if __name__ == "__main__":
    sys.exit(main())
