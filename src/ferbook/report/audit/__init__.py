"""An audit of what a paper prints: findings from the printed numbers alone, without training."""
