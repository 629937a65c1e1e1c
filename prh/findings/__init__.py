"""What a run finds, as plain data: scores of pairs, what explains them, trends, as tables and sentences.

It asks what `similarity` and `inference` answer of `features`, and knows no figure, no page and no MLflow.
Whatever stands to the right reads `Findings` and nothing else of the experiment.
"""
