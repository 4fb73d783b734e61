"""Records and reported numbers in, tables, figures and verdicts out."""
