"""Strategies for what to ask people next: one file each, found by discovery."""
