"""Connections that do nothing, drip, or end halfway, from addresses of their own: what a server makes of each of them."""

import gzip
import socket
import time

# Connections that say nothing, all from one address.
IDLE = 10_000
# Connections of each other kind: as many as one address may hold.
EACH = 64
# What the server gives a head, and a body (HEAD_TIMEOUT and BODY_TIMEOUT in server/src/limits.rs), in seconds, and what it may be late.
PATIENCE, LATE = 30, 6
HEAD = b"POST /api/v1/statements HTTP/1.1\r\nHost: x\r\nContent-Type: application/cbor\r\n"


class Idler:
    """A connection from an address of this machine, that sends a byte when it is told to. It knows what came back, and when it ended."""

    def __init__(self, source, port, first=b"", drip=b""):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.bind((source, 0))
        self.socket.setblocking(False)
        self.first, self.drip, self.answer, self.ended = first, drip, b"", None
        try:
            self.socket.connect(("127.0.0.1", port))
        except BlockingIOError:
            pass

    def step(self, now):
        """Sends what is due, and takes what came."""
        if self.ended is not None:
            return
        try:
            if self.first:
                self.first = self.first[self.socket.send(self.first):]
            elif self.drip:
                self.socket.send(self.drip)
        except BlockingIOError:
            pass
        except OSError:
            pass  # What came before the end is read below.
        try:
            part = self.socket.recv(65536)
            self.answer += part
            if part == b"":
                self.ended = now
        except BlockingIOError:
            pass
        except OSError:
            self.ended = now


def connect(source, port):
    """A connection that waits for what it does."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.bind((source, 0))
    made.settimeout(20)
    made.connect(("127.0.0.1", port))
    return made


def read_all(made):
    """Everything until the server closes; None if it does not."""
    answer = b""
    try:
        while True:
            part = made.recv(65536)
            if not part:
                return answer
            answer += part
    except socket.timeout:
        return None
    except ConnectionError:
        return answer
    finally:
        made.close()


def half_closed(judge, port):
    """Whoever says that it sends no more is answered what it asked, and kept no longer."""
    asking = connect("127.0.0.5", port)
    asking.sendall(b"GET /verify HTTP/1.1\r\nHost: x\r\n\r\n")
    asking.shutdown(socket.SHUT_WR)
    answer = read_all(asking)
    judge("a half-closed connection has its whole answer, and ends", bool(answer) and answer.startswith(b"HTTP/1.1 200") and answer.rstrip().endswith(b"</html>"))
    for name, first in (("before a request", b""), ("in a head", b"GET / HT"), ("in a body", HEAD + b"Content-Length: 100\r\n\r\n\x81")):
        ending = connect("127.0.0.5", port)
        ending.sendall(first)
        ending.shutdown(socket.SHUT_WR)
        began = time.monotonic()
        answer = read_all(ending)
        took = time.monotonic() - began
        judge("one that is half-closed {} ends in {:.1f} s: {}".format(name, took, (answer or b"")[:12]), answer is not None and took < 5)


def bombs(judge, port):
    """A body that is small on the wire and large unpacked is not unpacked."""
    packed = gzip.compress(bytes(200 << 20), 9)
    for coding in (b"gzip", b"deflate", b"br", b"zstd", b"gzip, gzip"):
        sending = connect("127.0.0.6", port)
        sending.sendall(HEAD + b"Connection: close\r\nContent-Encoding: " + coding + b"\r\nContent-Length: " + str(len(packed)).encode() + b"\r\n\r\n" + packed)
        began = time.monotonic()
        answer = read_all(sending)
        took = time.monotonic() - began
        judge("a bomb in {} is refused in {:.2f} s: {}".format(coding.decode(), took, (answer or b"")[9:12]), bool(answer) and answer[9:12] == b"415" and took < 5)


def memory(process):
    """The most memory that a process has held, in MiB."""
    with open("/proc/{}/status".format(process.pid)) as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))


def held_from(source, port):
    """How many connections from an address the server has taken. Those that wait in the system's queue belong to no process yet: their inode is 0."""
    remote = "".join("{:02X}".format(int(part)) for part in reversed(source.split(".")))
    held = 0
    with open("/proc/net/tcp") as table:
        for line in list(table)[1:]:
            _, local, there, state, _, _, _, _, _, inode = line.split()[:10]
            held += local.endswith(":{:04X}".format(port)) and there.startswith(remote) and state == "01" and inode != "0"
    return held


def crowd(judge, port, ask):
    """Idle connections from one address, and slow heads and bodies from two others. `ask` is called once a second, and says whether it is done."""
    idle = [Idler("127.0.0.2", port) for _ in range(IDLE)]
    # An odd header field, a letter at a time; a body of which there is always a byte more.
    heads = [Idler("127.0.0.3", port, b"GET / HTTP/1.1\r\nX: ", b"y") for _ in range(EACH)]
    bodies = [Idler("127.0.0.4", port, HEAD + b"Content-Length: 1000000\r\n\r\n", b"\x81") for _ in range(EACH)]
    began = time.monotonic()
    most, done, everybody = 0, False, idle + heads + bodies
    while time.monotonic() < began + PATIENCE + LATE and not (done and all(one.ended for one in heads + bodies)):
        round_began = time.monotonic()
        for one in everybody:
            one.step(round_began - began)
        most = max(most, held_from("127.0.0.2", port))
        done = ask() or done
        time.sleep(max(0.0, 1 - (time.monotonic() - round_began)))
    turned_away = sum(one.answer.startswith(b"HTTP/1.1 429") for one in idle)
    print("{} idle connections of one address: {} held at most, {} turned away with 429".format(IDLE, most, turned_away))
    # A connection that the server is about to close is seen here now and then.
    judge("one address holds {} connections of {}".format(most, IDLE), 0 < most <= EACH + 8)
    # The rest the system itself has not let through: its queue is short, and a handshake that it dropped looks whole from here.
    judge("others are turned away: {}".format(turned_away), turned_away >= 1_000)
    for name, slow in (("heads", heads), ("bodies", bodies)):
        last = max(PATIENCE + LATE if one.ended is None else one.ended for one in slow)
        judge("slow {} have ended after {:.0f} s".format(name, last), all(one.ended is not None for one in slow))
    judge("slow bodies are told so: {}".format(bodies[0].answer[:12]), all(one.answer[9:12] == b"408" for one in bodies))
    for one in everybody:
        one.socket.close()
