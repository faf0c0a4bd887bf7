"""People who sign in with an OpenID Connect provider: its keys, its tokens, and whose member they are here."""
