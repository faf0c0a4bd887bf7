"""What every service needs and no product word: the mechanisms behind the API contract."""
