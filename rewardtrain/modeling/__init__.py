"""Reward models: a backbone from transformers, a pooling, a head, and the losses that train them."""
