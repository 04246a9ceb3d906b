"""`python -m services.review api | relay | consume | all`."""

from libs.events.run import main

main("review")
