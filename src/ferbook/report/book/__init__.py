"""The book as a product: its reference of the package, its glossary, its PDF, its zip."""
