"""The five services. They share contracts and Kafka, nothing else."""
