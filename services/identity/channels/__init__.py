"""How identity reaches people: SMS and e-mail behind one port, chosen by the settings."""
