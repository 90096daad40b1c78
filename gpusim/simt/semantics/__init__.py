"""What statements and expressions do to the lanes that execute them."""
