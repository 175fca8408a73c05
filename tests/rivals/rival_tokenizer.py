"""A tokenizer for which each word is one token, in the files that the clients' libraries read: the simulator counts
words, so that whoever counts with this tokenizer counts as the server does."""
import itertools, json

syllables = "ba co di fu ge ho ja ki lo mu ne po ra si to vu".split()
words = ["".join(three) for three in itertools.product(syllables, repeat=3)]
special = ["<unk>", "<s>", "</s>"]


def write(folder):
    if (folder / "tokenizer.json").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: number for number, word in enumerate(special + words)}
    added = [{"id": vocabulary[word], "content": word, "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True} for word in special]
    files = {
        "tokenizer.json": {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": None,
            "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"}},
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 131072, "unk_token": "<unk>",
            "bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>", "clean_up_tokenization_spaces": False,
            "chat_template": "{% for m in messages %}{{ m['content'] }}\n{% endfor %}"},
        "config.json": {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": len(vocabulary),
                        "n_positions": 131072, "bos_token_id": 1, "eos_token_id": 2}}
    for name, content in sorted(files.items()):
        (folder / name).write_text(json.dumps(content))
    return folder
