"""Language models in small modules: formulas, a transformer in torch, and its operations as GPU kernels.

Reading order: `corpus`, `tokens`, `ngram`, `perplexity`, `attention`, `transformer`, `training`, `sampling`;
then `kernels`, `kernel_model` and `devices`, which run that transformer as kernels; `evaluation`.

Around perplexity: `language`, whose entropy is known; `text`, `ngrams` and `study`, models of files; `codes`, which
compress; `shannon`, his experiments; `scrutiny`, what a number hides; `lecture`, one page of it all.
"""
