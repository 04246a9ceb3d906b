"""业务时间: the deployment's business time is wall time plus an offset, which only this aggregate changes."""
