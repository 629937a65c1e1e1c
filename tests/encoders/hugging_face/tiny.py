"""Models of transformers so small that they need no download, each with its image processor, in a folder."""

import torch

SMALL = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 48}
PATCHES = {"image_size": 32, "patch_size": 8}
STEPS = {"embedding_size": 8, "hidden_sizes": [16, 32], "depths": [1, 2], "layer_type": "basic"}
SWIN = {
    "embed_dim": 16,
    "depths": [1, 2],
    "num_heads": [2, 2],
    "window_size": 4,
    "image_size": 32,
    "patch_size": 4,
}
TEXT = {**SMALL, "vocab_size": 50, "max_position_embeddings": 12}
TWO = {"vision_config": {**SMALL, **PATCHES}, "text_config": TEXT}
SQUARE = {"size": {"height": 32, "width": 32}}
CROPPED = {"size": {"shortest_edge": 40}, "crop_size": {"height": 32, "width": 32}}

KINDS = {
    "vit": ("ViTModel", {**SMALL, **PATCHES}, "ViTImageProcessor", SQUARE),
    "deit": (
        "DeiTModel",
        {**SMALL, **PATCHES},
        "DeiTImageProcessor",
        {"size": {"height": 40, "width": 40}, "crop_size": {"height": 32, "width": 32}},
    ),
    "dinov2": ("Dinov2Model", {**SMALL, "patch_size": 8, "image_size": 64}, "BitImageProcessor", CROPPED),
    "registers": (
        "Dinov2WithRegistersModel",
        {**SMALL, **PATCHES, "num_register_tokens": 2},
        "BitImageProcessor",
        CROPPED,
    ),
    "mae": ("ViTMAEModel", {**SMALL, **PATCHES}, "ViTImageProcessor", SQUARE),
    "siglip": ("SiglipModel", TWO, "SiglipImageProcessor", SQUARE),
    "siglip_vision": ("SiglipVisionModel", {**SMALL, **PATCHES}, "SiglipImageProcessor", SQUARE),
    "clip": ("CLIPModel", TWO, "CLIPImageProcessor", CROPPED),
    "clip_vision": ("CLIPVisionModel", {**SMALL, **PATCHES}, "CLIPImageProcessor", CROPPED),
    "beit": (
        "BeitModel",
        {**SMALL, **PATCHES, "use_absolute_position_embeddings": True},
        "BeitImageProcessor",
        SQUARE,
    ),
    "swin": ("SwinModel", SWIN, "ViTImageProcessor", SQUARE),
    "convnext": (
        "ConvNextModel",
        {"hidden_sizes": [16, 32], "depths": [1, 2], "num_stages": 2},
        "ConvNextImageProcessor",
        {"size": {"shortest_edge": 32}, "crop_pct": 0.8},
    ),
    "resnet": ("ResNetModel", STEPS, "BitImageProcessor", CROPPED),
    "dinov3": (
        "DINOv3ViTModel",
        {**SMALL, **PATCHES, "num_register_tokens": 2},
        "DINOv3ViTImageProcessor",
        SQUARE,
    ),
    "classifier": (
        "ViTForImageClassification",
        {**SMALL, **PATCHES, "num_labels": 5},
        "ViTImageProcessor",
        SQUARE,
    ),
}


def saved(kind, folder):
    """Saves a model with random weights and its processor; returns the model."""
    import transformers

    name, options, processor, how = KINDS[kind]
    torch.manual_seed(0)
    maker = getattr(transformers, name)
    model = maker(maker.config_class(**options)).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # of some, such as class tokens and scales, all are alike
            parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(folder)
    getattr(transformers, processor)(**how).save_pretrained(folder)
    return model
