"""Looping animations of how a language model works, drawn from a real model's recorded tensors."""
