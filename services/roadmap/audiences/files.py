"""Writes a view's file beside the event loop: a long PDF must not hold up anybody else's request."""

import asyncio

from services.chassis.files import File
from services.roadmap.domain.views import View
from services.roadmap.exports.formats import Format, Options, written


async def write_file(view: View, name: Format, options: Options) -> File:
    """The view in this form."""
    return await asyncio.to_thread(written, view, name, options)
