"""消息: posted once for each cause and recipient, and read."""
