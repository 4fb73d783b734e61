"""Experiments in, run records out."""
