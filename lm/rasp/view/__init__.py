"""Pictures of what a compiled or trained model does with an input: attention, and the residual stream by name."""
