"""Networks: input (B, C, 48, 48) in, logits (B, 7) out."""
