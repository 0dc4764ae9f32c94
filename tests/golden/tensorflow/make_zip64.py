"""Writes zip64.zip: a small archive whose central directory uses ZIP64 for every size and offset.

Run: python make_zip64.py (CPython 3.11's zipfile, with its limits lowered so that they are passed).
"""
import zipfile
from pathlib import Path

zipfile.ZIP64_LIMIT = 10
zipfile.ZIP_FILECOUNT_LIMIT = 1

with zipfile.ZipFile(Path(__file__).with_name("zip64.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
    for name, text in (("first.txt", "deflated " * 40), ("folder/second.txt", "also deflated " * 40)):
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    archive.writestr(zipfile.ZipInfo("stored.txt", (2026, 1, 1, 0, 0, 0)), "stored as it is", zipfile.ZIP_STORED)
