"""What the last bits of a result depend on beside the data and the parameters."""

from functools import lru_cache

import scipy
from threadpoolctl import threadpool_info

from sklearn_init.network import get_instruction_set


@lru_cache(maxsize=1)  # looking at the libraries of a process takes a millisecond
def describe_machine() -> dict[str, str]:
    """Return SciPy's version, the BLAS libraries of NumPy and SciPy, and the instruction set.

    Returns
    -------
    dict of str
        ``"scipy"``, ``"BLAS"`` (library, version and the kernels that it chose for this
        processor), and ``"instruction set"`` of the compiled engine.
    """
    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    ours = [library for library in libraries if _belongs_to_us(library["filepath"])]
    names = {
        f"{library['internal_api']} {library['version']} {library.get('architecture', '')}".strip()
        for library in ours or libraries
    }
    return {
        "scipy": scipy.__version__,
        "BLAS": " and ".join(sorted(names)) or "unknown",
        "instruction set": get_instruction_set() or "none",
    }


def _belongs_to_us(path: str) -> bool:
    """Whether a library came with NumPy or SciPy: others may be loaded or not, as it happens."""
    return "numpy" in path or "scipy" in path
