"""For authors of rules: every file of a policy folder read and checked, effective packs made, packs explained and compared."""
