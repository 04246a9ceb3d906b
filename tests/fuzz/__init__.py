"""Cases made from the services' own OpenAPI documents, asked of the real handlers; every answer must be as the document says."""
