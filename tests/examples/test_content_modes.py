"""The mode of a document comes from its bytes (P2: the mode is the price)."""

import os
import struct
import wave
import zipfile
from pathlib import Path

import pytest

from examples.content_modes import FAILED, HEAD_BYTES, SKIPPED, Outcome, outcome_of

TEXT, IMAGE, AUDIO, VIDEO = (Outcome("SUCCEEDED", mode) for mode in ("TEXT", "IMAGE", "AUDIO", "VIDEO"))
FRENCH = "Le témoin a été entendu à Québec; l'échéancier est modifié.\n"
ZIP_ENTRY = struct.Struct("<4s5H3I2H")


def zip_of(name: bytes, content: bytes = b"\x00\x01\x02") -> bytes:
    return ZIP_ENTRY.pack(b"PK\x03\x04", 20, 0, 0, 0, 0, 0, len(content), len(content), len(name), 0) + name + content


def brand(name: bytes) -> bytes:
    return b"\0\0\0\x1cftyp" + name + b"\0\0\2\0" + b"isomiso2mp41" + b"\0" * 64


CONTENT = {
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0", IMAGE),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", IMAGE),
    "gif": (b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff", IMAGE),
    "tiff": (b"II*\0\x08\0\0\0" + b"\0" * 32, IMAGE),
    "bmp": (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", IMAGE),
    "webp": (b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0", IMAGE),
    "heic": (brand(b"heic"), IMAGE),
    "avif": (brand(b"avif"), IMAGE),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", IMAGE),
    "pdf of plain characters": (b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n", IMAGE),
    "mp3 with a tag": (b"ID3\x03\0\0\0\0\0\x0fTIT2" + b"\0" * 64, AUDIO),
    "mp3 without a tag": (b"\xff\xfb\x90\x64\0" + b"\0" * 200, AUDIO),
    "mp3 of version 2": (b"\xff\xf3\x90\x64\0" + b"\0" * 200, AUDIO),
    "aac": (b"\xff\xf1\x50\x80\x02\x1f\xfc\0" + b"\0" * 64, AUDIO),
    "flac": (b"fLaC\0\0\0\x22" + b"\0" * 40, AUDIO),
    "aiff": (b"FORM\0\0\0\x20AIFFCOMM\0\0\0\x12", AUDIO),
    "m4a": (brand(b"M4A "), AUDIO),
    "opus": (b"OggS\0\2" + b"\0" * 20 + b"\1\x13OpusHead\1\2", AUDIO),
    "webm of sound": (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm\x86\x86A_OPUS\0", AUDIO),
    "wma": (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + b"\0" * 40, AUDIO),
    "mp4": (brand(b"isom"), VIDEO),
    "mp4 of a rare brand": (brand(b"dash"), VIDEO),
    "quicktime": (brand(b"qt  "), VIDEO),
    "avi": (b"RIFF\x24\0\0\0AVI LIST\x18\0\0\0", VIDEO),
    "mpeg": (b"\0\0\1\xba\x44\0\4\0" + b"\0" * 40, VIDEO),
    "theora": (b"OggS\0\2" + b"\0" * 22 + b"\x80theora\3\2", VIDEO),
    "webm": (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm\x86\x85V_VP9\0", VIDEO),
    "wmv": (
        bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + b"\0" * 9 + bytes.fromhex("c0ef19bc4d5bcf11a8fd"),
        VIDEO,
    ),
    "text": (b"Dear colleague,\r\n\tplease find enclosed.\f", TEXT),
    "one character": (b"x", TEXT),
    "python": (b"#!/usr/bin/env python3\nprint('hello')\n", TEXT),
    "csv": (b"id;amount\n1;2,50\n", TEXT),
    "json": (b'{"custodian": null}', TEXT),
    "html": (b"<!DOCTYPE html><title>Exhibit</title>", TEXT),
    "xml": (b'<?xml version="1.0"?><a/>', TEXT),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', TEXT),
    "rtf": (b"{\\rtf1\\ansi hello}", TEXT),
    "letter that begins like a bitmap": (b"BMW of Canada v. Tremblay", TEXT),
    "letter that begins like a sound": (b"RIFF raff, said the ID3", TEXT),
    "colours of a terminal": (b"\x1b[31merror\x1b[0m\n", TEXT),
    "utf-8": (FRENCH.encode(), TEXT),
    "utf-8 with a mark": (FRENCH.encode("utf-8-sig"), TEXT),
    "utf-16 with a mark": (FRENCH.encode("utf-16"), TEXT),
    "utf-16, big end first": (b"\xfe\xff" + FRENCH.encode("utf-16-be"), TEXT),
    "utf-16 of another script": ("契約書\n".encode("utf-16"), TEXT),
    "utf-16 without a mark": (FRENCH.encode("utf-16-le"), TEXT),
    "utf-16-be without a mark": (FRENCH.encode("utf-16-be"), TEXT),
    "utf-32": (FRENCH.encode("utf-32"), TEXT),
    "latin-1": (FRENCH.encode("latin-1"), TEXT),
    "windows-1252": ("“Quoted” — and signed\n".encode("cp1252"), TEXT),
    "docx": (zip_of(b"[Content_Types].xml"), TEXT),
    "xlsx of another writer": (zip_of(b"docProps/app.xml"), TEXT),
    "odt": (zip_of(b"mimetype", b"application/vnd.oasis.opendocument.text"), TEXT),
    "epub": (zip_of(b"mimetype", b"application/epub+zip"), TEXT),
    "doc": (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504, TEXT),
    "empty": (b"", FAILED),
    "zip": (zip_of(b"holiday.jpg"), SKIPPED),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0\0\3\x01\x02", SKIPPED),
    "program": (b"\x7fELF\2\1\1\0" + b"\0" * 60, SKIPPED),
    "database": (b"SQLite format 3\0\x10\0\1\1" + b"\0" * 60, SKIPPED),
    "zeros": (b"\0" * 500, SKIPPED),
    "small numbers": (b"\1\0\0\0\2\0\0\0\3\0\0\0", SKIPPED),
    "noise": (bytes((number * 151 + 37) % 256 for number in range(600)), SKIPPED),
    "binary that ends like a film": (bytes(range(256)) + b"\0\0\1\xb7", SKIPPED),
    "text with a zero": (b"half a \0 text", SKIPPED),
    "broken utf-16": (b"\xff\xfe\x00\xd8\x41\x00", SKIPPED),
}


@pytest.mark.parametrize(("content", "outcome"), CONTENT.values(), ids=CONTENT.keys())
def test_content_decides_whatever_the_name_says(tmp_path: Path, content: bytes, outcome: Outcome) -> None:
    for name in ("evidence", "evidence.txt", "evidence.mp4"):
        path = tmp_path / name
        path.write_bytes(content)
        assert outcome_of(path) == outcome


def test_files_of_real_writers_are_recognized(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        sound.writeframes(b"\0\1" * 800)
    with zipfile.ZipFile(tmp_path / "b", "w", zipfile.ZIP_DEFLATED) as office:
        office.writestr("[Content_Types].xml", "<Types/>")
        office.writestr("word/document.xml", "<document/>")
    with zipfile.ZipFile(tmp_path / "c", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "hello")
    assert [outcome_of(tmp_path / name) for name in "abc"] == [AUDIO, TEXT, SKIPPED]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "latin-1"])
def test_only_the_head_is_read_wherever_it_cuts_a_character(tmp_path: Path, encoding: str) -> None:
    # Mostly accents and, where it can be written, a sign of two UTF-16 units: nothing else would read it as text.
    sample = "éxxx" if encoding == "latin-1" else "éé\U0001d11e"
    for shift in range(8):
        path = tmp_path / f"{shift}"
        path.write_bytes(("x" * shift + sample * (HEAD_BYTES // 2)).encode(encoding) + b"\0\1\2\3")
        assert outcome_of(path) == TEXT


def test_a_character_cut_by_the_end_of_the_file_is_no_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "short"
    path.write_bytes("é".encode()[:1])
    assert outcome_of(path) == SKIPPED


def test_what_cannot_be_read_fails(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    for name in ("dangling", "loop", "pipe", "vanished"):
        assert outcome_of(tmp_path / name) == FAILED


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_fails(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    path.write_text("secret")
    path.chmod(0)
    assert outcome_of(path) == FAILED
