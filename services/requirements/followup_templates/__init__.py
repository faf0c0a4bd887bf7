"""A workspace's own words for what people are told of the things they asked for."""
