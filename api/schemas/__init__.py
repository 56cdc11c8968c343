"""What travels over the wire: one module per noun."""
