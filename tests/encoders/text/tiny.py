"""Small text models of each family, random weights and a trained tokenizer, made without a network."""

from pathlib import Path

SENTENCES = [
    "a shoe",
    "a very much longer sentence about a boot that stands in the rain",
    "trousers, pullovers and coats",
]
SIZES = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32}
GPT2 = {"n_embd": 16, "n_layer": 3, "n_head": 2, "n_positions": 64, "bos_token_id": 0, "eos_token_id": 0}
T5 = {"d_model": 16, "num_layers": 3, "num_heads": 2, "d_ff": 32, "d_kv": 8}
BART = {
    "d_model": 16,
    "encoder_layers": 3,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "max_position_embeddings": 64,
}
ROPE = SIZES | {"num_key_value_heads": 1, "head_dim": 8, "max_position_embeddings": 4096}
FAMILIES = {
    "gpt2": ("GPT2", GPT2),
    "pythia": ("GPTNeoX", SIZES | {"max_position_embeddings": 64}),
    "llama": ("Llama", ROPE),
    "qwen": ("Qwen3", ROPE),
    "bert": ("Bert", SIZES | {"max_position_embeddings": 64}),
    "roberta": ("Roberta", SIZES | {"max_position_embeddings": 66, "pad_token_id": 1}),
    "t5": ("T5", T5),
    "bart": ("Bart", BART | {"pad_token_id": 1}),
}
TOKENS = {  # what each puts around a sentence, and what it fills up with
    "gpt2": ("$A", {"eos_token": "</s>"}),
    "pythia": ("$A", {"eos_token": "</s>"}),
    "llama": ("<s> $A", {"bos_token": "<s>", "eos_token": "</s>"}),
    "qwen": ("$A", {"eos_token": "</s>", "pad_token": "<pad>", "padding_side": "left"}),
    "bert": ("[CLS] $A [SEP]", {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "<pad>"}),
    "roberta": ("<s> $A </s>", {"cls_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}),
    "t5": ("$A </s>", {"eos_token": "</s>", "pad_token": "<pad>"}),
    "bart": ("<s> $A </s>", {"cls_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}),
}
SPECIAL = ["</s>", "<pad>", "<s>", "[CLS]", "[SEP]", "<unk>"]


def make(family: str, folder: Path, dtype: str = "float32") -> Path:
    """Saves a small model of a family, in a folder of its name, as its makers would."""
    import torch
    import transformers

    import prh.stimuli  # noqa: F401  mends torchvision where it has no operators

    folder = folder / f"tiny-{family}"
    tokenizer = tokenizer_of(family)
    kind, sizes = FAMILIES[family]
    config = getattr(transformers, f"{kind}Config")(vocab_size=len(tokenizer), **sizes)
    torch.manual_seed(0)
    model = getattr(transformers, f"{kind}Model")(config).to(getattr(torch, dtype))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tokenizer_of(family: str):
    """Trains a tokenizer on a few sentences and has it add what the family adds."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    template, tokens = TOKENS[family]
    added = [(token, tokenizer.token_to_id(token)) for token in template.split() if token != "$A"]
    if added:
        tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=added)
    limit = {} if family in ("llama", "qwen") else {"model_max_length": 64}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", **tokens, **limit)
