"""racecheck: which accesses of different threads conflict, and what orders them."""
