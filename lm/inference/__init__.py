"""Using a trained model: prefill and decode with a key-value cache, its bytes and its times.

Reading order: `torch_cache` and `kernel_cache` (what is kept), `session` (text that grows by one token), `timing`.
"""
