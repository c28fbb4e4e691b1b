"""A terminal that commands run in, and what stands on it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from pathlib import Path

from tiny import environment

#: What a terminal is told, and each text, carriage return and line feed between.
PIECES = re.compile(r"\x1b\[(?P<number>[0-9;?]*)(?P<command>[A-Za-z])|(?P<text>[^\x1b\r\n]+|\r|\n)")


class Screen:
    """The lines of a terminal, and every line that has ever stood on it.

    It knows what a line that is drawn anew needs: up, erase, back and down.
    """

    def __init__(self) -> None:
        self.lines, self.row, self.column, self.seen = [""], 0, 0, []

    def take(self, text: str) -> None:
        for piece in PIECES.finditer(text):
            if piece["command"]:
                self._obey(piece["command"], piece["number"])
            elif piece["text"] == "\r":
                self.column = 0
            elif piece["text"] == "\n":
                self.row += 1
                self.lines += [""] * (self.row == len(self.lines))
            else:
                self._write(piece["text"])

    def _obey(self, command: str, number: str) -> None:
        if command == "A":
            self.row = max(0, self.row - int(number or 1))
        elif command == "K":
            assert number == "2", "only whole lines are erased"
            self.lines[self.row] = ""
        else:
            # Colours, and whether the cursor is seen.
            assert command in "mhl", f"a terminal is told {number}{command}"

    def _write(self, text: str) -> None:
        line, end = self.lines[self.row].ljust(self.column), self.column + len(text)
        self.lines[self.row] = line[: self.column] + text + line[end:]
        self.column = end
        self.seen.append(self.lines[self.row].rstrip())

    @property
    def text(self) -> str:
        """What stands there."""
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n")


def in_terminal(*command: str, cwd: Path, width: int = 100, **env: str) -> tuple[Screen, int]:
    """Run a command in a terminal; return what it has shown, and its exit status."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    screen, said = Screen(), bytearray()

    def read() -> None:
        # At the end Linux answers with an error.
        try:
            while more := os.read(ours, 65536):
                said.extend(more)
        except OSError:
            pass

    reader = threading.Thread(target=read)
    own = environment(command[0], **{"TERM": "xterm", **env})
    own = {name: value for name, value in own.items() if name not in ("COLUMNS", "LINES")}
    with subprocess.Popen(
        command, cwd=cwd, env=own, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        reader.start()
        status = process.wait()
    reader.join()
    os.close(ours)
    screen.take(said.decode())
    return screen, status
