"""Many prompts: rows of a table become sets of loops, on one machine or many."""
