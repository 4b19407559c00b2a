"""The container of model files and checkpoints: a ``.npz`` with a header and a hash.

It is a zip file, not compressed, of which the first member is the header as JSON and the others
are arrays: ``np.load`` reads it. The archive comment is the SHA-256 of every byte before it. A
hash does not protect from malice, so that nothing which the bytes claim is trusted either.
"""

import json
import math
import os
import platform
import re
import secrets
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sklearn_init._text import show
from sklearn_init._version import __version__
from sklearn_init.exceptions import InvalidFileError

FORMAT = 1
"""The format written; all up to it are read."""

HEADER = "sklearn_init.json"
BEGINNING = re.compile(rb"PK\x03\x04.{26}" + re.escape(HEADER.encode()), re.DOTALL)
HASH_LENGTH = 64

REMEDY = "Copy the file again from where it was written, or save it again."

COSTS = {b"{": 240, b"[": 72, b",": 40}
"""About the bytes of memory that `json` needs where it meets these bytes ..."""

COST_OF_BYTE, MEMORY = 6, 4e7
"""... and for any byte; and what the header of a file may take beside five times the file."""

NPY = re.compile(
    rb"\x93NUMPY\x01\x00.."
    rb"\{'descr': '([<>|](?:[biufcSU]\d+|[mM]8(?:\[\d*\w+\])?))', 'fortran_order': False, "
    rb"'shape': \(([\d, ]*)\), \} *\n",
    re.DOTALL,
)
"""How an array begins. Reading it so needs no parser that strangers could feed."""


class Contents(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    header : dict
    arrays : dict of ndarray
        Writable, aligned, in the byte order of the machine.
    versions : dict of str
        Those of ``sklearn_init``, ``numpy`` and ``python`` that wrote it.
    """

    header: dict[str, Any]
    arrays: dict[str, NDArray]
    versions: dict[str, str]


def write_file(
    path: str | os.PathLike,
    kind: str,
    header: Mapping[str, Any],
    arrays: Mapping[str, NDArray],
    *,
    durable: bool = True,
    follow_links: bool = True,
) -> None:
    """Write a file: as a whole, or not at all.

    Parameters
    ----------
    path : str or path-like
        A file that is there is replaced.
    kind : str
        What `read_file` has to ask for.
    header : mapping
        What JSON can hold. Floats come back bit by bit, NaN and infinities, too.
    arrays : mapping of ndarray
        Numbers, strings or times, no objects.
    durable : bool
        Whether to wait until the disk has it. If not, a power failure may leave a file that
        `read_file` refuses, or none; the end of the process does no harm.
    follow_links : bool
        Whether a link there stays a link to the file that is written, or else is replaced.
    """
    write_atomically(path, pack(kind, header, arrays), durable, follow_links)


def read_file(path: str | os.PathLike, kind: str) -> Contents:
    """Read a file that `write_file` has written; no code runs, whatever it holds.

    Parameters
    ----------
    path : str or path-like
    kind : str
        What the file has to be.

    Returns
    -------
    Contents

    Raises
    ------
    FileNotFoundError
        If there is no file.
    InvalidFileError
        If it is anything but what was written, or of another kind, or of a later format.
    """
    with blaming(path):
        return unpack(_read_bytes(os.fsdecode(path)), kind)


@contextmanager
def blaming(path: str | os.PathLike) -> Iterator[None]:
    """Make `InvalidFileError`, naming the file, of all that goes wrong but a missing file."""
    try:
        yield
    except FileNotFoundError:
        raise
    except InvalidFileError as error:
        raise InvalidFileError(f"{os.fsdecode(path)}: {error}") from error.__cause__
    except Exception as error:
        raise InvalidFileError(
            f"{os.fsdecode(path)}: the file cannot be read ({error or type(error).__name__}). "
            f"{REMEDY}"
        ) from error


def write_atomically(
    path: str | os.PathLike, data: Any, durable: bool, follow_links: bool
) -> None:
    """Write bytes into a new file of the same folder, which then takes the place of the old.

    The permissions of the old one are kept; at no time may others read more than they could.
    """
    target = os.fsdecode(path)
    target = os.path.realpath(target) if follow_links else os.path.abspath(target)
    temporary = os.path.join(os.path.dirname(target), f".{secrets.token_hex(8)}.tmp")
    is_replaced = os.path.isfile(target) and not os.path.islink(target)
    mode = stat.S_IMODE(os.stat(target).st_mode) if is_replaced else 0o666
    try:
        with open(temporary, "xb", 0, opener=partial(os.open, mode=mode)) as file:
            view = memoryview(data)
            while view:  # the system takes at most 2 GB at a time
                view = view[file.write(view) :]
            if durable:
                os.fsync(file.fileno())
        if is_replaced:
            os.chmod(temporary, mode)  # what the umask has taken away
        os.replace(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def pack(kind: str, header: Mapping[str, Any], arrays: Mapping[str, NDArray]) -> bytes:
    """Return the bytes of a file; the same ones for the same contents and versions."""
    envelope = {
        "format": FORMAT,
        "kind": kind,
        "versions": get_versions(),
        "header": header,
    }
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = b"0" * HASH_LENGTH  # its place, and its length, which is hashed, too
        archive.writestr(_member(HEADER), json.dumps(envelope))
        for name, array in arrays.items():
            archive.writestr(_member(f"{name}.npy"), _pack_array(array))
    with buffer.getbuffer() as view:
        view[-HASH_LENGTH:] = _hash(view)
    # This shares the buffer's memory. A view of it must not be returned: in a reference cycle,
    # such as that of an error that is kept, Python 3.12 crashes and later ones complain.
    return buffer.getvalue()


def unpack(data: bytes, kind: str) -> Contents:
    """Return what the bytes of a file hold."""
    if not BEGINNING.match(data):
        raise InvalidFileError(
            "this is not a file of sklearn_init, or its beginning is damaged. Give the path of a "
            f"{kind} file."
        )
    if _hash(memoryview(data)) != data[-HASH_LENGTH:]:
        raise InvalidFileError(
            f"the file is damaged: its bytes do not match the hash stored in it. {REMEDY}"
        )
    members = _read_members(data)
    header = members.pop(HEADER)
    if measure_json(header) > MEMORY + 5 * len(data):
        raise InvalidFileError(f"its header would fill the memory. {REMEDY}")
    envelope = json.loads(header)
    check_envelope(envelope, kind)
    arrays = {_strip(name): _unpack_array(member) for name, member in members.items()}
    return Contents(envelope["header"], arrays, envelope["versions"])


def measure_json(text: bytes) -> float:
    """Return about how many bytes of memory a JSON document takes, before it is read."""
    return COST_OF_BYTE * len(text) + sum(cost * text.count(mark) for mark, cost in COSTS.items())


def get_versions() -> dict[str, str]:
    """Return the versions of what writes a file."""
    return {
        "sklearn_init": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def check_envelope(envelope: Any, kind: str) -> None:
    """Raise an error if a file is of a later format, or of another kind."""
    number = envelope["format"]
    if type(number) is not int or number < 1:
        raise InvalidFileError(f"unknown format version {show(number)}. {REMEDY}")
    versions = envelope["versions"]
    if number > FORMAT:
        raise InvalidFileError(
            f"unknown format version {number}, written by sklearn_init "
            f"{show(versions['sklearn_init'])}; this release, {__version__}, reads versions up to "
            f"{FORMAT}. Upgrade with pip install --upgrade sklearn-init, or save the model again "
            "with this release."
        )
    if envelope["kind"] != kind:
        raise InvalidFileError(
            f"this is a {show(envelope['kind'])} file of sklearn_init, but a {kind!r} file is "
            "needed. Give the path of such a file."
        )
    if not isinstance(envelope["header"], dict) or not all(
        isinstance(versions[name], str) for name in ("sklearn_init", "numpy", "python")
    ):
        raise InvalidFileError(f"its header is not one that sklearn_init writes. {REMEDY}")


def _read_bytes(path: str) -> bytes:
    if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would wait, a device never end
        raise InvalidFileError("this is a folder or a device. Give the path of a file.")
    with open(path, "rb") as file:
        beginning = file.read(30 + len(HEADER))
        return beginning + file.read() if BEGINNING.match(beginning) else beginning


def _hash(data: memoryview) -> bytes:
    return sha256(data[:-HASH_LENGTH]).hexdigest().encode()


def _member(name: str) -> zipfile.ZipInfo:
    """Return the description of a member, which depends on neither clock nor system."""
    member = zipfile.ZipInfo(name)  # of 1980
    member.create_system, member.external_attr = 3, 0o644 << 16
    return member


def _read_members(data: bytes) -> dict[str, bytes]:
    """Return the members of a zip file that claims no more bytes than it has."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = archive.infolist()
        if any(m.compress_type != zipfile.ZIP_STORED or m.flag_bits & 1 for m in members):
            raise InvalidFileError(f"its members are compressed or encrypted. {REMEDY}")
        if sum(max(m.file_size, m.compress_size) for m in members) > len(data):
            raise InvalidFileError(f"its members claim more bytes than the file has. {REMEDY}")
        if len({m.filename for m in members}) < len(members):
            raise InvalidFileError(f"two of its members have the same name. {REMEDY}")
        return {m.filename: archive.read(m) for m in members}


def _strip(name: str) -> str:
    if not name.endswith(".npy"):
        raise InvalidFileError(f"its member {show(name)} is not an array. {REMEDY}")
    return name.removesuffix(".npy")


def _pack_array(array: NDArray) -> bytes:
    if array.dtype.kind not in "biufcSUmM":
        raise ValueError(f"An array of type {array.dtype} cannot be written to a file.")
    array = np.asarray(array, order="C")
    text = f"{{'descr': {array.dtype.str!r}, 'fortran_order': False, 'shape': {array.shape}, }}"
    n_spaces = -(10 + len(text) + 1) % 64
    length = (len(text) + n_spaces + 1).to_bytes(2, "little")
    start = b"\x93NUMPY\x01\x00" + length + text.encode() + b" " * n_spaces + b"\n"
    return start + array.tobytes()


def _unpack_array(data: bytes) -> NDArray:
    """Return an array, of which no byte is allocated before it is clear that all are there."""
    match = NPY.match(data)
    if match is None:
        raise InvalidFileError(
            f"one of its arrays holds something else than numbers, text or times. {REMEDY}"
        )
    dtype = np.dtype(match[1].decode())
    shape = tuple(int(length) for length in match[2].split(b",") if length.strip())
    if math.prod(shape) * dtype.itemsize != len(data) - match.end():
        raise InvalidFileError(f"one of its arrays has another size than it claims. {REMEDY}")
    array = np.frombuffer(data, np.uint8, offset=match.end()).copy().view(dtype)
    return array.reshape(shape).astype(dtype.newbyteorder("="), copy=False)
