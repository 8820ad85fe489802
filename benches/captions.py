#!/usr/bin/env python3
"""Make captions of an archive that make_corpus.py made, to measure timed archives.

  benches/captions.py ARCHIVE            the captions are the transcripts; the front matter stays, as notes
  benches/captions.py ARCHIVE --beside   the captions lie beside the transcripts, which take their times

Each paragraph becomes WebVTT cues of up to WORDS words with the name of the speaker as voice, two and a
half words a second. Beside a transcript, one word in ten is another one than in the text, as a recogniser
has it. Every run gives the same bytes.

Then: podleaf build ARCHIVE -o OUT
"""

import argparse
import pathlib
import re

LABEL = re.compile(r"\*\*([^*\n]{1,60}?):?\*\*:?\s*")
WORDS = 9
WORD_MS = 400
MISHEARD = 10


def captions(body, misheard):
    """A transcript as WebVTT."""
    cues, at, voice, count = ["WEBVTT"], 0, "", 0
    for paragraph in re.split(r"\n{2,}", body.strip()):
        label = LABEL.match(paragraph)
        if label:
            voice = f"<v {label[1]}>"
            paragraph = paragraph[label.end() :]
        elif paragraph.startswith("#"):
            continue
        words = re.sub(r"[<>&]|-->", "", paragraph).split()
        for start in range(0, len(words), WORDS):
            said = words[start : start + WORDS]
            if misheard:
                said = [f"uh{count + n}" if (count + n) % MISHEARD == 3 else word for n, word in enumerate(said)]
            end = at + len(said) * WORD_MS
            cues.append(f"{clock(at)} --> {clock(end)}\n{voice}{' '.join(said)}")
            at, count = end, count + len(said)
    return "\n\n".join(cues) + "\n"


def clock(ms):
    """Milliseconds as `01:02:03.004`."""
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def main():
    """Write a file of captions for each episode."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=pathlib.Path, help="a folder of SHOW/EPISODE.md")
    parser.add_argument("--beside", action="store_true", help="leave the transcripts as they are")
    args = parser.parse_args()
    for path in sorted(args.archive.glob("*/*.md")):
        text = path.read_text(encoding="utf-8")
        end = text.index("\n---\n", 3) + len("\n---\n")
        path.with_suffix(".vtt").write_text(captions(text[end:], args.beside), encoding="utf-8")
        if not args.beside:
            path.write_text(text[:end], encoding="utf-8")


if __name__ == "__main__":
    main()
