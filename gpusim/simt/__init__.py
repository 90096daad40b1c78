"""How a kernel runs: the state of lanes, what each statement does to it, and policies that say who runs when."""
