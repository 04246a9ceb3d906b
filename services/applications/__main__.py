"""python -m services.applications api | relay | consume | all."""

from libs.events.run import main

if __name__ == "__main__":
    main("applications")
