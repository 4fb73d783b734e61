"""Qiu's pages: what each notebook computes from records, shows and says."""
