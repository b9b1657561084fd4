"""Tell what a file is by its bytes, as the suffix of its type, whatever it is called.

Owns: magic numbers, the members of zip containers, the streams of OLE containers. Refuses what is known and not
read, with a remedy.
"""

from __future__ import annotations

import re
from io import BytesIO

from index.errors import ReadError
from index.readers.package import Package

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_MAGIC = (
    (b"{\\rtf", ".rtf"),
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
)

_FOREIGN = (
    (b"GIF8", "an image. Save it as .png"),
    (b"\x1f\x8b", "a gzip archive. Unpack it first"),
    (b"BZh", "a bzip2 archive. Unpack it first"),
    (b"\xfd7zXZ", "an xz archive. Unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive. Unpack it first"),
    (b"Rar!", "a RAR archive. Unpack it first"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database. Export its tables as .csv"),
    (b"%!PS", "a PostScript file. Save it as PDF"),
    (b"AT&TFORM", "a DjVu file. Save it as PDF"),
    (b"\x09\x04\x06\x00", "a sheet of Excel 4 or older. Save it as .xlsx"),
    (b"\x09\x02\x06\x00", "a sheet of Excel 4 or older. Save it as .xlsx"),
    (b"\x09\x00\x04\x00", "a sheet of Excel 4 or older. Save it as .xlsx"),
    (b"\xdb\xa5-\x00", "a Word 2 file. Save it as .docx"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file. Fetch it with git lfs pull"),
)

_DOCUMENTS = {
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/vnd.sun.xml.writer": ".odt",
    "application/vnd.sun.xml.calc": ".ods",
    "application/vnd.sun.xml.impress": ".odp",
    "application/epub+zip": ".epub",
}
_MAIN_PARTS = (("word/document", ".docx"), ("ppt/presentation", ".pptx"), ("xl/workbook", ".xlsx"))
_STREAMS = (
    ("__properties_version1.0", ".msg"),
    ("WordDocument", ".doc"),
    ("PowerPoint Document", ".ppt"),
    ("Workbook", ".xls"),
    ("Book", ".xls"),
)

_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html)\b", re.IGNORECASE | re.DOTALL
)
_WORD_XML = re.compile(rb"progid=\"Word\.Document\"|schemas\.microsoft\.com/office/word/2003/wordml")
_ODF_XML = re.compile(rb"<office:document\b[^>]*mimetype=\"application/vnd\.oasis\.opendocument\.text\"")
_MIME_START = re.compile(rb"(?:[A-Za-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,40}?MIME-Version:\s*1\.0", re.IGNORECASE)


def sniff(data: bytes, name: str) -> str:
    """Return the suffix of the type that the bytes are, empty when they are plain text or unknown.

    Raises:
        ReadError: when they are of a type that is known and not read, or a container that is damaged or protected.
    """
    if b"%PDF-" in data[:1024]:
        return ".pdf"
    if data.startswith(ZIP):
        return _zipped(data, name)
    if data.startswith(OLE):
        return _compound(data, name)
    for magic, suffix in _MAGIC:
        if data.startswith(magic):
            return suffix
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise ReadError(f"{name}: is {what}.")
    head = data[:4000]
    if _WORD_XML.search(head):
        return ".docx"
    return ".fodt" if _ODF_XML.search(head) else ""


def sniff_text(data: bytes) -> str:
    """Return what kind of text a file is that is not called after one, empty when nothing tells."""
    if _HTML_START.match(data[:2000]):
        return ".html"
    return ".eml" if _MIME_START.match(data[:4000].replace(b"\r\n", b"\n")) else ""


def _zipped(data: bytes, name: str) -> str:
    package = Package(data, name)
    mimetype = package.read("mimetype")[:100].decode("ascii", "replace").strip()
    for document, suffix in _DOCUMENTS.items():
        if mimetype.startswith(document):
            return suffix
    if "[content_types].xml" in package or "_rels/.rels" in package:
        main = next((path for kind, path in package.relations("").values() if kind == "officeDocument"), "")
        for path in (main.casefold(), *package.paths()):
            for part, suffix in _MAIN_PARTS:
                if path.startswith(part):
                    return ".xlsb" if path.endswith(".bin") else suffix
    if "meta-inf/container.xml" in package and any(path.endswith(".opf") for path in package.paths()):
        return ".epub"
    if "content.xml" in package and "meta-inf/manifest.xml" in package:
        return ".odt"
    if any(path.endswith(".iwa") for path in package.paths()):
        raise ReadError(f"{name}: is a file of Apple iWork. Export it as .docx, .xlsx or .pptx.")
    return ".zip"


def _compound(data: bytes, name: str) -> str:
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            roots = {entry[0].casefold() for entry in ole.listdir(streams=True, storages=True)}
    except Exception as error:
        raise ReadError(f"{name}: is an old Office file and damaged ({error}). Save it again and retry.") from error
    if "encryptedpackage" in roots:
        raise ReadError(f"{name}: is protected with a password. Save a copy without it and add that.")
    for stream, suffix in _STREAMS:
        if stream.casefold() in roots:
            return suffix
    raise ReadError(f"{name}: is an OLE file that holds no text, sheet, slides or mail. Save it as PDF.")
