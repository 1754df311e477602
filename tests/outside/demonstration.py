"""The ledger that `glasshouse demo` leaves running, for judges that need one with something in it."""

import subprocess


def address_of(demo):
    """The address that the demonstration prints; it ends with saying that the ledger stays up."""
    address = None
    for line in demo.stdout:
        for word in line.split():
            if word.startswith("http://127.0.0.1:"):
                address = "/".join(word.split("/")[:3])
        if "The ledger stays up" in line:
            return address
    raise SystemExit("the demonstration ended before its ledger was up")


def start(glasshouse):
    """The process, and the address at which its ledger answers. Whoever starts it ends it."""
    demo = subprocess.Popen([glasshouse, "demo"], stdout=subprocess.PIPE, universal_newlines=True)
    try:
        return demo, address_of(demo)
    except BaseException:
        demo.kill()
        raise
