"""python -m services.notifications api | relay | consume | all"""

from libs.events.run import main

main("notifications")
