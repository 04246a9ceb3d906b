"""The kernel: logs of dense, hash-chained shards, and everything that reads or extends them."""
