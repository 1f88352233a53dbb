"""The page around a finished set of loops: what a writer drops into an article and a reader enjoys.

It is made from an output folder alone, its manifest and provenance files; no trace, model or scene is needed.
"""
