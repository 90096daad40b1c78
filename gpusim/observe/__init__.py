"""Observers: what watches a launch. Counters, checks and traces share one interface and change nothing."""
