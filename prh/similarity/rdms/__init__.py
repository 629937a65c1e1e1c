"""Distances between all pairs of stimuli, ranked and correlated (RSA), also where they do not fit in memory.

It knows arrays and the protocol of metrics.
"""
