"""Who is asking: keys, the callers behind them, and the token that services are shown."""
