"""The embedded stack: real Kafka, a MongoDB-compatible store, the gateway and the services, without Docker."""
