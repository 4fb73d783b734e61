"""Two papers on facial emotion recognition, re-run and checked number by number."""

__version__ = "0.1.0"
