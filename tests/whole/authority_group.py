# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule for a group that mycelium-socksd(8) tells of, typed as it stands there, and the
real polkitd."""

import contextlib
import pathlib
import re
import subprocess

from lib import whole
from lib.authority import KINDS, NEEDS_PASSWORD, AuthorityTest, install
from lib.bus import NAME
from lib.caller import Refused
from lib.waiting import wait_until

CONNECT, ELSEWHERE = f"{NAME}.connect", f"{NAME}.connect-elsewhere"
MANUAL = pathlib.Path(__file__).parents[2] / "data/man/mycelium-socksd.8.scd.in"
OUTSIDE = "192.0.2.1:1080"


def commands(user):
    """Returns what root types to let that user in."""
    block, = re.findall(r"^```\n(# groupadd .*?)^```$", MANUAL.read_text("utf-8"),
                        re.MULTILINE | re.DOTALL)
    assert "carol" in block
    return re.sub("^# ", "", block.replace("carol", user), flags=re.MULTILINE)


def is_allowed(caller, *call):
    """Whether the caller may do that now; if so, it is done."""
    with contextlib.suppress(Refused):
        return caller.call(*call)
    return None


class Group(AuthorityTest):
    def test_its_members_need_no_password_inside_the_overlay(self):
        member, other = self.caller("without session"), self.caller("remote")
        self.arrange()
        self.assert_denied(CONNECT, NEEDS_PASSWORD, member.call, "Disconnect")

        subprocess.run(["bash", "-euc", commands(KINDS["without session"][0])], check=True)
        # polkit reads new rules by itself.
        wait_until(lambda: is_allowed(member, "Disconnect"), "what the rule allows")

        self.assertEqual(member.call("Connect", self.other.endpoint),
                         f"('{self.other.endpoint}',)")
        for method in "ProbeNow", "StartProbing", "StopProbing":
            self.assertEqual(member.call(method), "()", method)
        self.arrange()
        self.assert_denied(ELSEWHERE, NEEDS_PASSWORD, member.call, "Connect", OUTSIDE)
        self.assert_denied(CONNECT, NEEDS_PASSWORD, other.call, "Disconnect")


if __name__ == "__main__":
    whole.main(install)
