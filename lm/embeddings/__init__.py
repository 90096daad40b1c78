"""Words as vectors that are learnt from their neighbours: skip-gram, and the analogy query."""
