"""What companies pay: an amount a year, its currency, and the days between which it holds."""
