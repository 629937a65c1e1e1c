"""What is said of figures, by their names."""

OF_MANY = {
    "pairs": "All pairs of encoders at their last layers",
    "pairs_best": "All pairs at their best layers, chosen on half of the stimuli and scored on the others; "
    "of two vision models these are often the first, which share brightness and edges",
    "map": "A map of representations: near are those that arrange stimuli alike",
    "layer_paths": "The layers of all networks, each network a path from its first layer to its last",
    "capability": "Likeness to the text model against what vision models can do",
}
CAPTIONS = {
    "stimuli": "Stimuli",
    "umap_last": "UMAP of the last layers",
    "neighbours_model": "Nearest neighbours in the model and in the text model",
    "neighbours_reference": "Nearest neighbours in the reference and in the text model",
    "heatmap_model_vs_reference": "Layer against layer",
    "heatmap_model_vs_text": "Layer against layer of the text model",
    "heatmap_reference_vs_text": "The reference's layers against the text model's",
    "score_by_depth": "Likeness to the text model by depth",
    "rsa_scatter_model": "Distances between classes in the model and in the text model",
    "rsa_scatter_reference": "Distances between classes in the reference and in the text model",
    "heatmap_reference_vs_model": "Layer against layer",
    "umap_last_model": "UMAP of the last layer",
    "umap_last_reference": "UMAP of the last layer",
    "umap_layers_model": "UMAP of the model, layer by layer",
    "umap_layers_reference": "UMAP of the reference, layer by layer",
}
