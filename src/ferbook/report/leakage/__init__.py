"""Leaks of a split: what stands on two sides of it, found in the images and their table alone."""
