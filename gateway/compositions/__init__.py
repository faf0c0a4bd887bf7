"""Answers that no single service can give: asked of several over HTTP and put together, without a product rule."""
