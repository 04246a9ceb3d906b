"""The rules of `applications`: three aggregates and the forms and tables they are judged by."""
