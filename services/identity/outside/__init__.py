"""统一登录: signing in through an outside OpenID provider, where one is configured."""
