"""Writes an MP3 file of silence, so that an archive for tests needs no recording. Usage: silence.py FILE SECONDS"""

import sys
from pathlib import Path

# MPEG 2, layer III, 8 kbit/s, 16 kHz, one channel: 576 samples or 36 ms in 36 bytes, and no bit of sound in any.
FRAME = b"\xff\xf3\x18\xc4" + bytes(32)
MILLISECONDS = 36


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(FRAME * (int(sys.argv[2]) * 1000 // MILLISECONDS))
