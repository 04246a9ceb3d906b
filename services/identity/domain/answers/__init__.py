"""答复: what somebody is to be told by SMS and e-mail, and whether it went out."""
