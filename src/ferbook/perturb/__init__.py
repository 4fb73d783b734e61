"""Images and their attention in, clusters of important pixels out (Qiu, section 3)."""
