"""Who is nearest to whom: the metrics of the PRH paper, the Jaccard index, and lists compared in their order.

It knows arrays and the protocol of metrics.
"""
