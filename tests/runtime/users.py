"""The users that root can play."""

import pwd

USERS = {user.pw_name: user.pw_uid for user in pwd.getpwall()}
NOBODY = USERS["nobody"]
ORDINARY = next(uid for uid in USERS.values() if uid not in (0, NOBODY))
UNNAMED = next(uid for uid in range(54321, 60000) if uid not in USERS.values())


def as_user(uid: int) -> tuple[str, ...]:
    return ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--", "env")
