"""A process that has loaded the program and forks itself for every command, so that none loads it again.

Each request comes over the socket given as the first argument: JSON with the arguments, the working folder
and the environment, and the three standard streams. The answer is the exit code.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from typing import Any


def serve(requests: socket.socket) -> dict[str, Any] | None:
    """Fork for each request; returns it in the process that is to do it, and None at the end."""
    while message := socket.recv_fds(requests, 1 << 20, 3)[:2]:
        content, streams = message
        if not content:
            return None
        child = os.fork()
        if child == 0:
            requests.close()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            request: dict[str, Any] = json.loads(content)
            return request
        for stream in streams:
            os.close(stream)
        requests.sendall(b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return None


def main() -> None:
    """Load what commands load, then serve."""
    requests = socket.socket(fileno=int(sys.argv[1]))
    sys.argv = ["render.py"]  # the program's name in its help
    import torch  # noqa: F401
    import transformers  # noqa: F401

    import traced_loops.__main__
    import traced_loops.cli.main
    import traced_loops.jobs.recordings

    # Whoever runs the tests in the background ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    request = serve(requests)
    if request is None:
        return
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    sys.argv = request["arguments"]
    traced_loops.__main__.main("all")


if __name__ == "__main__":
    main()
