"""Makes the home that every stack of this run begins with, while the workers do what needs none."""

import asyncio

from tests.e2e.stack import model

if __name__ == "__main__":
    asyncio.run(model())
