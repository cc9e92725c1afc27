"""What kind of scan a document needs, decided by its first bytes and never by its name.

| content                                   | outcome                                                             |
| ----------------------------------------- | ------------------------------------------------------------------- |
| PDF, image                                | SUCCEEDED as IMAGE                                                  |
| audio / video                             | SUCCEEDED as AUDIO / VIDEO; a container without pictures is AUDIO   |
| text: source, CSV, JSON, HTML, SVG, RTF   | SUCCEEDED as TEXT, in UTF-8, UTF-16, UTF-32 or Latin-1              |
| Office, OpenDocument, EPUB, Outlook       | SUCCEEDED as TEXT: a review platform reads their text layer, so the |
|                                           | dearer picture of their pages would add nothing                     |
| empty, vanished, unreadable               | FAILED                                                              |
| any other binary: archives, programs      | SKIPPED                                                             |

Text is looked for before signatures: a letter that begins with "BM" or "RIFF" is a letter, no picture and no sound.
"""

import codecs
import re
from pathlib import Path
from typing import NamedTuple

import puremagic

HEAD_BYTES = 65_536
# What terminals and old text files use: bell, backspace, tab, newlines, form feed, DOS end of file, escape.
TEXT_CONTROLS = frozenset(map(chr, (7, 8, 9, 10, 11, 12, 13, 26, 27)))
BYTE_ORDER_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PDF = re.compile(rb"(\xef\xbb\xbf)?\s*%PDF-")
# What puremagic cannot tell from the head, or tells differently in its versions 1 and 2: it names every zip as an
# Office file, calls some brands of one container by the wrong kind, and knows some formats by two bytes only.
SIGNATURES = (
    (re.compile(rb"\xff[\xe2\xe3\xf0-\xf5\xf8-\xfd]"), "AUDIO"),  # a bare MPEG audio or AAC frame
    (re.compile(rb"BM.{4}\0{4}", re.DOTALL), "IMAGE"),
    (re.compile(rb".{4}ftyp(hei[cxms]|hev[cx]|mif1|msf1|avi[fs]|crx )", re.DOTALL), "IMAGE"),
    (re.compile(rb".{4}ftyp[MF]4[ABP] ", re.DOTALL), "AUDIO"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "VIDEO"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "TEXT"),  # Word, Excel, PowerPoint before 2007; Outlook messages
    (  # the first name in the zip
        re.compile(
            rb"PK\x03\x04.{26}(\[Content_Types\]\.xml|_rels/|docProps/|word/|xl/|ppt/"
            rb"|mimetypeapplication/(vnd\.oasis\.opendocument|epub\+zip))",
            re.DOTALL,
        ),
        "TEXT",
    ),
)
# Containers of sound, with what their head holds when there are moving pictures too.
CONTAINERS = (
    (b"OggS", re.compile(rb"theora")),
    (b"\x1a\x45\xdf\xa3", re.compile(rb"\x86[\x80-\xff]V_")),  # Matroska and WebM: the codec of a video track
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", re.compile(rb"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11")),  # ASF: a video stream
)
FAMILIES = {"image": "IMAGE", "audio": "AUDIO", "video": "VIDEO"}


class Outcome(NamedTuple):
    """A document's result: `status` is a DocumentStatus, `mode` the resolved ScanMode of a success (T4)."""

    status: str
    mode: str | None = None


FAILED = Outcome("FAILED")
SKIPPED = Outcome("SKIPPED")


def outcome_of(path: Path) -> Outcome:
    """The result of one document. Reads its head only; never raises for a file that is missing or unreadable."""
    try:
        if not path.is_file():
            return FAILED
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES + 1)
    except OSError:
        return FAILED
    if not head:
        return FAILED
    mode = mode_of(head[:HEAD_BYTES], cut=len(head) > HEAD_BYTES)
    return Outcome("SUCCEEDED", mode) if mode else SKIPPED


def mode_of(head: bytes, *, cut: bool = False) -> str | None:
    """The ScanMode of a document that begins with these bytes; None: no kind we know. `cut`: the document goes on."""
    if PDF.match(head):
        return "IMAGE"
    if is_text(head, cut=cut):
        return "TEXT"
    for start, pictures in CONTAINERS:
        if head.startswith(start):
            return "VIDEO" if pictures.search(head) else "AUDIO"
    for pattern, mode in SIGNATURES:
        if pattern.match(head):
            return mode
    return _mode_by_signature_table(head)


def _mode_by_signature_table(head: bytes) -> str | None:
    """Image, audio or video as puremagic names it; the best match that belongs to one of the three."""
    try:
        matches = puremagic.magic_string(head)
    except puremagic.PureError:  # version 1 raises where version 2 answers with an empty list
        return None
    for match in matches:
        # The end of the head is seldom the end of the file, so no footers; one or two bytes, or zeros, prove nothing.
        signature = match.byte_match
        if match.offset >= 0 and len(signature) >= 3 and len(signature) - signature.count(0) >= 2:
            mode = FAMILIES.get(match.mime_type.partition("/")[0])
            if mode:
                return mode
    return None


def is_text(head: bytes, *, cut: bool = False) -> bool:
    """Whether a person could read these bytes in a common encoding."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return _reads_as(head, encoding, cut=cut)
    if 0 in head:
        return any(_is_wide_text(head, encoding, cut=cut) for encoding in ("utf-16-le", "utf-16-be"))
    return _reads_as(head, "utf-8", cut=cut) or _is_latin(head)


def _reads_as(head: bytes, encoding: str, *, cut: bool) -> bool:
    # Incrementally, because the head may end in the middle of a character.
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, not cut)
    except UnicodeDecodeError:
        return False
    return not any(
        (character < " " or character == "\x7f") and character not in TEXT_CONTROLS for character in set(text)
    )


def _is_wide_text(head: bytes, encoding: str, *, cut: bool) -> bool:
    """UTF-16 without a mark shows by its zeros: most characters of a Latin script have a zero byte."""
    zeros = head[1::2] if encoding == "utf-16-le" else head[0::2]
    return zeros.count(0) * 10 >= len(zeros) * 7 and _reads_as(head, encoding, cut=cut)


def _is_latin(head: bytes) -> bool:
    """One byte a character: no control characters, and accents are the smaller part."""
    accented = sum(byte > 0x7F for byte in head)
    return accented * 10 <= len(head) * 3 and _reads_as(head, "latin-1", cut=False)
