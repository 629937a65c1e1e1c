"""prh: do independently trained networks organise the same stimuli in the same way?

As a library, ``prh.similarity`` compares arrays and ``prh.inference`` says how sure one may be of it. The
experiment around them, ``python -m prh.run``, needs ``pip install 'prh[experiment]'``. Importing this package
is cheap: torch, mlflow, umap and the like are imported where they are used.
"""

__version__ = "0.1.0"
