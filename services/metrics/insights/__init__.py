"""What deserves attention: findings of every kind on one list, each with its evidence."""
