"""What listens: representations of a signal that are computed, not learnt.

It knows torch alone; which signals there are, the stimuli say.
"""

from prh.encoders.signal.spectra import PowerSpectrum, TimeSeries

__all__ = ["PowerSpectrum", "TimeSeries"]
