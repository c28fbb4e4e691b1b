"""How names, numbers and values are written, wherever people read them."""
