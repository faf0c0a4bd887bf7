"""Bodies that come compressed: unpacked part by part, never further than the limit, whatever a bomb promises."""

import zlib

from services.chassis.errors import ContentTooLarge, MalformedBody, UnsupportedMediaType

ACCEPTED = "gzip"
GZIP_ONLY = 16 + zlib.MAX_WBITS


class PlainBody:
    """A body as it is, of at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, part: bytes) -> None:
        """Raises ContentTooLarge as soon as there is more than the limit."""
        self._size += len(part)
        if self._size > self._limit:
            raise ContentTooLarge(f"At most {self._limit} bytes.", limit_bytes=self._limit)
        self._parts.append(part)

    def whole(self) -> bytes:
        """Everything that came."""
        return b"".join(self._parts)


class GzipBody(PlainBody):
    """A body in one gzip member (RFC 1952): unpacked it has at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._unpacking = zlib.decompressobj(GZIP_ONLY)
        self._is_begun = False

    def feed(self, part: bytes) -> None:
        """Raises ContentTooLarge as soon as there is more than the limit, MalformedBody for what is no gzip."""
        self._is_begun |= bool(part)
        try:
            unpacked = self._unpacking.decompress(part, self._limit - self._size + 1)
        except zlib.error:
            raise MalformedBody("The body is not gzip, though Content-Encoding says so.") from None
        super().feed(unpacked)
        if self._unpacking.unused_data:
            raise MalformedBody("There are bytes behind the end of the gzip body.")

    def whole(self) -> bytes:
        """Everything that came; raises MalformedBody when the end is missing."""
        if self._is_begun and not self._unpacking.eof:
            raise MalformedBody("The gzip body has no end.")
        return super().whole()


def body_in(coding: str, *, limit: int) -> PlainBody:
    """How to take in a body with this `Content-Encoding`; raises UnsupportedMediaType for any but gzip (RFC 9110)."""
    match coding.strip().lower():
        case "" | "identity":
            return PlainBody(limit)
        case "gzip" | "x-gzip":
            return GzipBody(limit)
    raise UnsupportedMediaType(
        f"The only content coding understood here is {ACCEPTED}.", headers={"Accept-Encoding": ACCEPTED}
    )
