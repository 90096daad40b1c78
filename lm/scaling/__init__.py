"""Scaling laws: what loss a model of N parameters reaches on D tokens, fitted, quoted, decided with and measured."""
