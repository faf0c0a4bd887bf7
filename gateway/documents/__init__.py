"""The API's description: one document made of the services' own, and a page to read and try it."""
