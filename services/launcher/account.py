"""The account a child process runs as: PostgreSQL refuses to run as root, so root lends it somebody else's rights."""

import os
import pwd
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    @property
    def is_current(self) -> bool:
        return self.uid == os.geteuid()

    def rights(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make the child run as this account."""
        return {} if self.is_current else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, directory: Path) -> bool:
        """Whether this account can reach and enter the directory: asked of the kernel, which also knows about ACLs."""
        probe = ["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)]
        return subprocess.run(probe, **self.rights(), cwd="/", stderr=subprocess.DEVNULL, check=False).returncode == 0

    def owns(self, directory: Path) -> bool:
        return directory.stat().st_uid == self.uid

    def take(self, paths: Iterable[Path]) -> None:
        """Make these files, which must be our own, this account's."""
        if not self.is_current:
            for path in paths:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def current_account() -> Account:
    return _account_of(pwd.getpwuid(os.geteuid()))


def server_account(data: Path) -> Account:
    """Who runs the server on this data: ourselves, or, for root, the data's owner or an account without rights."""
    if os.geteuid() != 0:
        return current_account()
    if data.exists() and (owner := data.stat().st_uid) != 0:
        return _account_of(pwd.getpwuid(owner))
    for name in UNPRIVILEGED:
        try:
            return _account_of(pwd.getpwnam(name))
        except KeyError:
            continue
    raise LookupError(f"PostgreSQL cannot run as root, and this machine has no account {' or '.join(UNPRIVILEGED)}")


def _account_of(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
