"""Translation with an encoder and a decoder, between two toy languages whose every translation is known."""
