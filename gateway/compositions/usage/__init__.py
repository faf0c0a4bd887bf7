"""What a workspace uses: its requests, and what it takes up in each service."""
