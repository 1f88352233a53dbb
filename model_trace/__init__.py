"""Run a causal language model and record its tensors, per token and per decoder layer.

Importing this package imports neither torch nor transformers: ``trace`` and ``store`` need numpy
alone, so a recording can be opened where no model can run.
"""
