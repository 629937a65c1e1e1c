"""Similarity up to a linear map or a rotation: canonical correlations and Procrustes.

It knows arrays and the protocol of metrics.
"""
