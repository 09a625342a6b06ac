"""The mail bearer: letters out, letters in. The blocking libraries run in threads that nobody waits for at the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import suppress
from typing import Final, TypeVar

from parley.line.roads import Bounce, Letter, Place
from parley.outside.bearers.mail import letter, smtp
from parley.outside.bearers.mail.account import Account
from parley.outside.bearers.mail.imap import Mailbox
from parley.outside.bearers.problems import BearerProblem

T = TypeVar("T")
_MARK: Final = "{validity} {uid}"


class MailBearer:
    """One account, used by one node; see parley.line.roads.Post."""

    def __init__(self, account: Account) -> None:
        self.account = account

    async def send(self, address: str, parcel: bytes) -> str:
        """Hand a parcel to our SMTP server for `address`; returns the letter's id. Raises BearerProblem (see smtp)."""
        letter_id, message = letter.write_letter(parcel, sender=self.account.address, recipient=address)
        await apart(lambda: smtp.hand_over(self.account, message))
        return letter_id

    async def collect(self, since: bytes, known: Collection[str]) -> AsyncGenerator[Letter | Bounce | Place, None]:
        """What came after the mark; see parley.line.roads.Post. Raises BearerProblem (see imap)."""
        mailbox = Mailbox(self.account)
        wanted = {one.lower() for one in known}
        try:
            await apart(mailbox.open)
            for first, last in mailbox.stretches(_after(since, mailbox)):
                uids, too_large = await apart(lambda f=first, t=last: mailbox.ours(f, t, wanted))  # type: ignore[misc]
                for _ in too_large:
                    yield Letter(None, BearerProblem("too_large", path="a letter", limit=letter.LARGEST_LETTER))
                for uid in uids:
                    raw = await apart(lambda u=uid: mailbox.fetch(u))  # type: ignore[misc]
                    if raw:
                        yield await apart(lambda r=raw: letter.read_letter(r))  # type: ignore[misc]
                yield Place(_MARK.format(validity=mailbox.validity, uid=last).encode())
        finally:
            threading.Thread(target=mailbox.close, daemon=True).start()


async def apart(work: Callable[[], T]) -> T:
    """Run `work` in a thread of its own. Not asyncio.to_thread: its threads are waited for when a node stops, and a
    server that does not answer would keep the node from ending for as long as its patience lasts."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, problem: BaseException | None) -> None:
        if done.cancelled():
            return
        if problem is not None:
            done.set_exception(problem)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, problem = None, None
        try:
            result = work()
        except Exception as raised:
            problem = raised
        with suppress(RuntimeError):  # the loop is closed: nobody asks any more
            loop.call_soon_threadsafe(tell, result, problem)

    threading.Thread(target=run, daemon=True, name="parley-mail").start()
    return await done


def _after(mark: bytes, mailbox: Mailbox) -> int:
    """The UID after which to look: the beginning when the server gives out other ones than those that we saw."""
    held, _, uid = mark.decode("ascii", "replace").partition(" ")
    same = held == str(mailbox.validity) and uid.isdigit() and int(uid) < mailbox.next_uid
    return int(uid) if same else 0
