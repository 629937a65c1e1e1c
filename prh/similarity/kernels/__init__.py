"""Alignment of kernels (CKA), by features where that is cheaper than by a kernel.

It knows arrays and the protocol of metrics.
"""
