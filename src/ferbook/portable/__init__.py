"""Trained networks outside of training: as one graph, for a browser and for `ferbook predict`."""
