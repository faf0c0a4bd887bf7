"""The child's side of `child.py`: takes calls from the socket until the parent closes it."""

import ctypes
import importlib
import os
import pickle
import signal
import socket
import sys
from typing import Any

from services.chassis.child import FRAME, LOWEST_PRIORITY, NICENESS, encode_frame

PR_SET_PDEATHSIG = 1
CHILD_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Serve calls one after the other; an exception of a call is its answer, not the end."""
    os.nice(int(os.environ.get(NICENESS, LOWEST_PRIORITY)))
    for name in CHILD_THREADS:
        os.environ.setdefault(name, "1")
    end_with_parent(signal.SIGKILL)
    channel = socket.socket(fileno=int(sys.argv[1]))
    with channel:
        while True:
            header = _read(channel, FRAME.size)
            if header is None:
                return
            (size,) = FRAME.unpack(header)
            body = _read(channel, size)
            if body is None:
                return
            channel.sendall(_answer(channel, *pickle.loads(body)))  # noqa: S301 -- written by our own parent


def _answer(channel: socket.socket, function: str, payload: Any) -> bytes:
    def report(value: Any) -> None:
        channel.sendall(encode_frame(("progress", value)))

    try:
        module, _, name = function.partition(":")
        return encode_frame(("result", getattr(importlib.import_module(module), name)(payload, report)))
    except Exception as fault:  # noqa: BLE001 -- carried to the parent, whose call raises it
        return _encode_failure(fault)


def _encode_failure(fault: Exception) -> bytes:
    try:
        frame = encode_frame(("failure", fault))
        pickle.loads(frame[FRAME.size :])  # noqa: S301 -- an exception that cannot be read back is sent as its text
    except Exception:  # noqa: BLE001
        return encode_frame(("failure", RuntimeError(f"{type(fault).__name__}: {fault}")))
    return frame


def _read(channel: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(min(size - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


def end_with_parent(request: signal.Signals) -> None:
    """Where the kernel can (Linux), it sends this process the signal when its parent dies, even amid native code."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, request)


if __name__ == "__main__":
    main()
