"""Faces in, network input out: landmarks, heatmaps, augmentation."""
