"""Who may do what, proven cell by cell: every route × role × relation × state, against a table written by hand."""
