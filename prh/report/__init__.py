"""What is passed on: one HTML page that needs nothing else, and the same in Markdown.

It reads findings, claims and the files of figures that were drawn, and knows neither settings nor MLflow.
"""
