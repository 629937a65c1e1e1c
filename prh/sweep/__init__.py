"""Many runs as one: the parent of a multirun, opened, closed, and summed up whatever single jobs may lack.

It reads recorded runs, draws and writes pages of them, and knows no settings, networks or features.
"""

from prh.sweep.summing import close, closing, summarise

__all__ = ["close", "closing", "summarise"]
