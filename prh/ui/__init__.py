"""``python -m prh.ui``: MLflow's own web interface, on the runs recorded here.

It knows where runs are recorded and which columns to open with, and nothing of how they came about.
"""
