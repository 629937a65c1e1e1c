"""The folder that a run or a sweep writes to, seen to before Hydra makes it."""

import sys
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from prh.console.terminal import Terminal
from prh.errors import PrhError
from prh.ground.build import absolute_folder
from prh.ground.files import writable_folder


class RequireOutput(Callback):
    """Refuses an ``output_dir`` that is no folder and cannot become one."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Checks the folder of a run. Ends the process, since Hydra makes a warning of any exception."""
        try:
            writable_folder(absolute_folder(config.output_dir, "output_dir"), "output_dir")
        except PrhError as error:
            Terminal().error(str(error))
            sys.exit(2)

    on_multirun_start = on_run_start
