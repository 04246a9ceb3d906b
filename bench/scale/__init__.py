"""How far Tidu grows: unit costs from a real run, a model of the queues, and what follows for more than this machine."""
