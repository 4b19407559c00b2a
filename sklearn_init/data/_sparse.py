"""The index arrays of sparse matrices, which code in C follows wherever they lead."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray


def check_sparse(matrix: Any, name: str) -> Any:
    """Return a sparse matrix whose indices lie inside of it, as CSR if its format has none.

    Raises
    ------
    ValueError
        If they do not, or if it has not two dimensions.
    """
    if matrix.ndim != 2:
        raise ValueError(f"{name} is a sparse array of shape {matrix.shape}, but must be 2D.")
    cause = None
    try:
        is_sound = IS_SOUND[matrix.format](matrix)
        if is_sound and matrix.format in WITHOUT_INDICES:
            matrix = matrix.tocsr()
            is_sound = _is_compressed_sound(matrix)
    except (AttributeError, IndexError, OverflowError, TypeError, ValueError) as error:
        is_sound, cause = False, error
    if not is_sound:
        raise ValueError(
            f"{name} is a sparse matrix of shape {matrix.shape} whose indices or indptr do not "
            "fit its shape or its data. Build it again, for example with scipy.sparse.coo_array."
        ) from cause
    return matrix


def _is_compressed_sound(matrix: Any) -> bool:
    is_block = matrix.format == "bsr"
    if matrix.data.ndim != (3 if is_block else 1) or not _are_indices(
        matrix.indices, matrix.indptr
    ):
        return False
    block = matrix.data.shape[1:] if is_block else (1, 1)
    if any(length % size for length, size in zip(matrix.shape, block, strict=True)):
        return False
    lengths = [length // size for length, size in zip(matrix.shape, block, strict=True)]
    n_major, n_minor = lengths[::-1] if matrix.format == "csc" else lengths
    indptr = matrix.indptr
    # compared, since a difference may overflow
    if len(indptr) != n_major + 1 or indptr[0] != 0 or (indptr[1:] < indptr[:-1]).any():
        return False
    n_stored = indptr[-1]
    if len(matrix.indices) != len(matrix.data) or n_stored > len(matrix.data):
        return False
    return _are_below(matrix.indices[:n_stored], n_minor)


def _are_coordinates_sound(matrix: Any) -> bool:
    return all(
        _are_indices(index) and matrix.data.shape == index.shape and _are_below(index, length)
        for index, length in zip((matrix.row, matrix.col), matrix.shape, strict=True)
    )


def _are_lists_sound(matrix: Any) -> bool:
    lengths = [list(map(len, lists)) for lists in (matrix.rows, matrix.data)]
    return len(matrix.rows) == matrix.shape[0] and lengths[0] == lengths[1]


def _are_diagonals_sound(matrix: Any) -> bool:
    data, offsets = matrix.data, matrix.offsets
    return data.ndim == 2 and _are_indices(offsets) and len(offsets) == len(data)


def _are_indices(*arrays: Any) -> bool:
    return all(a.ndim == 1 and a.dtype.kind in "iu" and a.dtype.isnative for a in arrays)


def _are_below(indices: NDArray, length: int) -> bool:
    """Whether integers are at least 0 and below `length`; a negative one is a large unsigned."""
    return not len(indices) or int(indices.view(f"u{indices.itemsize}").max()) < length


IS_SOUND: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("csr", "csc", "bsr"), _is_compressed_sound),
    "coo": _are_coordinates_sound,
    "lil": _are_lists_sound,
    "dia": _are_diagonals_sound,
    "dok": lambda matrix: True,  # SciPy checks its keys when it converts it
}
"""What is asked of a format before SciPy converts it."""

WITHOUT_INDICES = ("lil", "dia", "dok")
"""Formats that have indices only once they are converted."""
