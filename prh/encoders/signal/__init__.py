"""What listens: representations of a signal that are computed, and networks that learnt from voices.

Which signals there are, the stimuli say; networks of transformers are built as those for pictures are.
"""

from prh.encoders.signal.extractor import AsHeard
from prh.encoders.signal.spectra import PowerSpectrum, TimeSeries
from prh.encoders.signal.speech import Duration, LogMel
from prh.encoders.signal.transformer import SpeechTower
from prh.encoders.signal.voice import Voice

__all__ = ["AsHeard", "Duration", "LogMel", "PowerSpectrum", "SpeechTower", "TimeSeries", "Voice"]
