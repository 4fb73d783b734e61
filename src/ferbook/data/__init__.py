"""Files of any published form in, `Faces` out."""
