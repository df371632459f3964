"""What people are asked next: where pairs come from, what is known of them, the batch, and what came of it."""
