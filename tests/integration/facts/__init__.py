"""What FastStream and aiokafka really do on the pinned versions: an upgrade that changes a fact says so here."""
