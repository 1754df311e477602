"""Is hostile to running ledgers, and looks whether anybody else notices.

Leaves the ledger of `glasshouse demo` running, and sends it query strings of 10 MB, paths with every trick, methods and heads that are none.
Serves a ledger of 2,000 entries, and keeps 5,000 connections open that ask for more than the server's send buffer holds, over windows of
2 KiB, and read a byte now and then, while an honest reader asks for pages all the time. Then has 10,000 connections of one address do nothing, and
others send heads and bodies a byte at a time, end halfway, or send what is large when unpacked. Afterwards each log is what it was: checkpoint,
counts and pages are the same, byte for byte, and the honest reader had its answers, not much later than alone.

usage: hostile.py GLASSHOUSE GROW   (any Python from 3.8 on Linux; needs room for some 10,400 open files). Ends with a line `N passed, N failed`.
"""

import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import demonstration
import idlers

READERS = 5_000
SECONDS = 15
# How long the slow readers have until they all have asked, in seconds: the server has room for 900 of them at a time.
CONNECTING = 20
# What a slow reader lets the system take for it, in bytes.
WINDOW = 2_048
# What the server's system takes over of an answer, in bytes (SEND_BUFFER in server/src/limits.rs): whoever has so much waiting there and
# more to come is held by the server itself.
SEND_BUFFER = 256 << 10
# How many the server must have held at one time, or the readers were not slow: some of the 125 answers of this size that it has memory for.
LEAST_HELD = 50
# How much later than alone an honest reader may have its answers beside the slow ones: its median by so many times, and so many seconds.
MEDIAN_FACTOR, MEDIAN_GRACE = 20, 0.05
# The same of 99 of a hundred answers. A new connection waits behind those that came before it.
TAIL_FACTOR, TAIL_GRACE = 20, 2.0
# What the server may have held of memory at the end, in MiB: its bodies, answers and queue, and what search has.
MEMORY = 330
# Entries of the ledger that slow readers read; `/verify` has 360 KB, a feed 60 KB.
ENTRIES = 2_000
QUIET = ["/", "/search?q=forum", "/e/5", "/log", "/feed.atom", "/checkpoint", "/api/v1/stats"]
SLOW = ["/verify", "/feed.atom", "/fr/verify", "/feed.json"]
TRICKS = [
    "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/tile/..%2f..%2flog.key", "/tile/entries/000%00", "/e/%00", "/e/-1", "/e/1e9",
    "/e/99999999999999999999", "/e/5/..", "//e/5", "/subjects/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/providers/%0d%0aSet-Cookie:%20a=b",
    "/search?q=%3Cscript%3E", "/search?q=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E", "/search?limit=-1", "/search?cursor=%FF%FE", "/authorities?name=%3Csvg%20onload=1%3E",
    "/feed.atom?q=%3C%2Ftitle%3E%3Cscript%3E", "/fr/../e/5", "/\\e\\5", "/e/5%3Cscript%3E", "/api/v1/statements?q=" + "%22" * 300, "/style.css/../log.key",
    "/addenda/../../log.key", "/search?" + "q=a&" * 100,
]
passed = failed = 0


def judge(name, holds):
    """Counts one check."""
    global passed, failed
    passed, failed = (passed + 1, failed) if holds else (passed, failed + 1)
    print(("ok     " if holds else "FAILED ") + name, flush=True)


def fetch(url):
    """Status and body; no status is an error here."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


async def raw(host, port, head, limit=1 << 20):
    """Sends bytes as they are, and gives what comes back until the server closes or says no more for a while."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(head)
        try:
            await asyncio.wait_for(writer.drain(), 20)
        except (ConnectionError, asyncio.TimeoutError):
            pass
        answer = b""
        while len(answer) < limit:
            part = await asyncio.wait_for(reader.read(65536), 20)
            if not part:
                break
            answer += part
        return answer
    except (ConnectionError, asyncio.TimeoutError):
        return b""
    finally:
        writer.close()


async def tricks(host, port):
    """Odd requests are refused with a status of the client's fault, or cut off; none is answered with markup of theirs."""
    for path in TRICKS:
        request = "GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".format(path).encode("latin-1")
        answer = await raw(host, port, request)
        head, _, body = answer.partition(b"\r\n\r\n")
        status = head[9:12]
        good = status[:1] in (b"2", b"4") and b"root:" not in body and b"PRIVATE" not in body and b"Set-Cookie" not in head
        markup = any(each in body for each in (b"<script>alert", b"<img src=x", b"<svg onload", b"</title><script"))
        judge("{} gets {}".format(path[:60], status.decode() or "nothing"), good and not markup)
    huge = b"GET /search?q=" + b"a" * 10_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await raw(host, port, huge)
    judge("a query of 10 MB is refused: {}".format(answer[:40]), answer == b"" or answer[9:10] == b"4")
    for name, head in [("no request", b"\x00\xff" * 5_000), ("a head without an end", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000), ("no method", b"GLASS / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]:
        answer = await raw(host, port, head)
        judge("{} is refused: {}".format(name, answer[:30]), answer == b"" or answer[9:10] == b"4")


class SlowReader:
    """Asks for something large over a window that is kept small, and then takes a byte now and then. It says where it stands."""

    def __init__(self, host, port, path):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Before the connection is made, so that the window is small from the first packet on: what is not read stays with the server.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
        self.socket.setblocking(False)
        self.path, self.asked, self.ended = path, False, False
        try:
            self.socket.connect((host, port))
        except BlockingIOError:
            pass

    def step(self):
        """Asks once the connection stands; afterwards takes a byte."""
        if self.ended:
            return
        try:
            if not self.asked:
                self.socket.send("GET {} HTTP/1.1\r\nHost: x\r\n\r\n".format(self.path).encode())
                self.asked = True
                return
            self.ended = self.socket.recv(1) == b""
        except BlockingIOError:
            pass  # not connected yet, or nothing has come
        except OSError:
            self.ended = True


def held_by(port):
    """How many connections to a port have the server's send buffer full: what it has not sent lies with it, and waits for them."""
    held = 0
    with open("/proc/net/tcp") as table:
        for line in table:
            _, local, _, state, queues = line.split()[:5]
            held += local.endswith(":{:04X}".format(port)) and state == "01" and int(queues.split(":")[0], 16) >= SEND_BUFFER
    return held


def slow_crowd(host, port, seconds):
    """The slow readers, a process of its own. Says how many have asked when they had the time to; then how many were held, and how often one came again."""
    readers = [SlowReader(host, port, SLOW[i % len(SLOW)]) for i in range(READERS)]
    asked, told, held, again = [False] * READERS, False, 0, 0
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        round_began = time.monotonic()
        for i, reader in enumerate(readers):
            reader.step()
            asked[i] = asked[i] or reader.asked
            if reader.ended:  # thrown out: comes again, as a hostile one would
                reader.socket.close()
                readers[i] = SlowReader(host, port, reader.path)
                again += 1
        if not told and (all(asked) or time.monotonic() > began + CONNECTING):
            told = True
            print(json.dumps(sum(asked)), flush=True)
        held = max(held, held_by(port))
        time.sleep(max(0.0, 1 - (time.monotonic() - round_began)))
    print(json.dumps([held, again]), flush=True)


def honest(address, seconds):
    """An honest reader, a process of its own: asks for one page after the other. Prints how long each took, and what went wrong."""
    until, times, wrong = time.monotonic() + seconds, [], None
    while time.monotonic() < until and wrong is None:
        for path in QUIET:
            began = time.monotonic()
            status, _ = fetch(address + path)
            wrong = wrong or (None if status == 200 else "{} answers {}".format(path, status))
            times.append(time.monotonic() - began)
    print(json.dumps([times, wrong]))


def asks_honestly(address, seconds):
    """What the honest reader printed."""
    return json.loads(subprocess.run([sys.executable, __file__, "--honest", address, str(seconds)], stdout=subprocess.PIPE, check=True).stdout)


def share(times, part):
    """The time below which that part of the answers came, in seconds."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def told(times):
    """A line about some answers."""
    return "{} answers, median {:.0f} ms, 99th of a hundred {:.0f} ms".format(len(times), share(times, 0.5) * 1e3, share(times, 0.99) * 1e3)


def crowd(address):
    """5,000 slow readers beside an honest one."""
    host, port = address[7:].split(":")
    before, wrong = asks_honestly(address, 5)
    judge("an honest reader alone has its answers" + (": " + wrong if wrong else ""), wrong is None)
    slow = subprocess.Popen([sys.executable, __file__, "--slow", host, port, str(CONNECTING + SECONDS + 5)], stdout=subprocess.PIPE, universal_newlines=True)
    try:
        asked = json.loads(slow.stdout.readline())
        during, wrong = asks_honestly(address, SECONDS)
        held, again = json.loads(slow.stdout.readline())
    finally:
        slow.terminate()
        slow.wait(60)
    print("alone: {}; beside {} slow readers ({} asked, {} were held at one time, {} came again): {}".format(
        told(before), READERS, asked, held, again, told(during) if during else "none"))
    judge("{} of {} slow readers got through to ask".format(asked, READERS), asked >= READERS * 95 // 100)
    judge("the server held {} of them waiting at one time".format(held), held >= LEAST_HELD)
    judge("it has them beside slow readers too" + (": " + wrong if wrong else ""), wrong is None and len(during) >= len(QUIET))
    judge_times(before, during)


def judge_times(before, during):
    """Whether an honest reader had its answers not much later than alone."""
    for name, part, factor, grace in (("median", 0.5, MEDIAN_FACTOR, MEDIAN_GRACE), ("99th of a hundred", 0.99, TAIL_FACTOR, TAIL_GRACE)):
        bound = share(before, part) * factor + grace
        judge("its {} is {:.0f} ms, below {:.0f} ms".format(name, share(during, part) * 1e3, bound * 1e3), share(during, part) < bound)


def lazy_crowd(process, address):
    """10,000 idle connections of one address, slow heads and bodies, and ends halfway, beside an honest reader."""
    port = int(address.rsplit(":", 1)[1])
    before, wrong = asks_honestly(address, 3)
    judge("an honest reader alone has its answers" + (": " + wrong if wrong else ""), wrong is None)
    reading = []

    def ask():
        if not reading:
            reading.append(subprocess.Popen([sys.executable, __file__, "--honest", address, "8"], stdout=subprocess.PIPE))
        return reading[0].poll() is not None

    idlers.crowd(judge, port, ask)
    during, wrong = json.loads(reading[0].communicate()[0])
    print("alone: {}; beside idle and slow connections: {}; the server held {} MiB at most".format(told(before), told(during), idlers.memory(process)))
    judge("it has them beside idle and slow connections too" + (": " + wrong if wrong else ""), wrong is None)
    judge_times(before, during)
    idlers.half_closed(judge, port)
    idlers.bombs(judge, port)
    judge("the server held {} MiB, below {}".format(idlers.memory(process), MEMORY), idlers.memory(process) < MEMORY)


def room():
    """Makes room for open files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = max(READERS, idlers.IDLE) + 400
    if most < needed:
        raise SystemExit("this needs room for {} open files, and the system allows {}".format(needed, most))
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def await_index(address):
    """Waits until the search index covers the log, for pages say of one that it does not: an export begins only then, and waits ten seconds itself."""
    for _ in range(12):
        if fetch(address + "/api/v1/export?format=csv&type=genesis")[0] == 200:
            return
    raise SystemExit("the search index of {} does not come to cover its log".format(address))


def beside(process, address, work):
    """Does its work on a running ledger, which must be what it was afterwards, and ends it."""
    try:
        await_index(address)
        was = {path: fetch(address + path) for path in QUIET}
        work(address)
        for path in QUIET:
            judge("{} is what it was".format(path), fetch(address + path) == was[path])
        judge("the server still lives", process.poll() is None)
    finally:
        process.terminate()
        process.wait(60)


def serve(glasshouse, ledger, *more):
    """The process that serves a ledger, and its address."""
    process = subprocess.Popen([glasshouse, "serve", "--dir", ledger, "--listen", "127.0.0.1:0", "--min-free", "0", *more], stdout=subprocess.PIPE, universal_newlines=True)
    return process, json.loads(process.stdout.readline())["url"]


def main(glasshouse, grow):
    """Runs it all; the status is 1 if anything failed."""
    room()
    beside(*demonstration.start(glasshouse), lambda address: asyncio.run(tricks(*address[7:].split(":"))))
    with tempfile.TemporaryDirectory() as folder:
        ledger = os.path.join(folder, "ledger")
        subprocess.run([grow, "--dir", ledger, "--entries", str(ENTRIES), "--checkpoints", os.path.join(folder, "old")], check=True, stdout=subprocess.DEVNULL)
        beside(*serve(glasshouse, ledger), crowd)
        # Where another proxy is named, this machine's own addresses are clients like any.
        process, address = serve(glasshouse, ledger, "--trusted-proxy", "192.0.2.99")
        beside(process, address, lambda address: lazy_crowd(process, address))
    print("{} passed, {} failed".format(passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1] == "--slow":
        room()
        slow_crowd(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    elif sys.argv[1] == "--honest":
        honest(sys.argv[2], float(sys.argv[3]))
    else:
        sys.exit(main(*sys.argv[1:]))
