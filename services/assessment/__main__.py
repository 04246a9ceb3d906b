"""python -m services.assessment api | relay | consume | all"""

from libs.events.run import main

main("assessment")
