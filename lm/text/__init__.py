"""Text as numbers: words, characters, bytes and byte-pair encoding, and texts joined into one stream."""
