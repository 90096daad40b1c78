"""Who runs when: all lanes of a chunk in lockstep, or each thread by itself."""
