"""What listens: representations of a signal that are computed, and one that was learnt from voices.

It knows torch alone; which signals there are, the stimuli say.
"""

from prh.encoders.signal.spectra import PowerSpectrum, TimeSeries
from prh.encoders.signal.speech import Duration, LogMel
from prh.encoders.signal.voice import Voice

__all__ = ["Duration", "LogMel", "PowerSpectrum", "TimeSeries", "Voice"]
