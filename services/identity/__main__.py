"""python -m services.identity api | relay | consume | all"""

from libs.events.run import main

main("identity")
