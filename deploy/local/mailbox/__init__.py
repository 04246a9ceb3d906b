"""Where the local stack's SMS and e-mail arrive: a real SMTP server, a small SMS gateway, a page that shows both."""
