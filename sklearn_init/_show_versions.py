"""What a bug report needs: versions, and which engine trains."""

import platform
from importlib.metadata import PackageNotFoundError, version

from threadpoolctl import threadpool_info

from sklearn_init.network import get_instruction_set, is_engine_compiled

PACKAGES = ("sklearn-init", "scikit-learn", "numpy", "scipy", "joblib", "threadpoolctl")


def show_versions() -> None:
    """Print which engine trains, the versions of what it stands on, and the BLAS libraries.

    The engine is ``compiled``, or ``reference (NumPy)`` if the package was installed without a C
    compiler.

    See Also
    --------
    sklearn.show_versions : The same for scikit-learn and all that it depends on.

    Examples
    --------
    >>> import sklearn_init
    >>> sklearn_init.show_versions()  # doctest: +ELLIPSIS
    engine: ...
    """
    if is_engine_compiled():
        print(f"engine: compiled, instruction set {get_instruction_set()}")
    else:
        print("engine: reference (NumPy)")
    print(f"python: {platform.python_version()} on {platform.platform()}")
    for package in PACKAGES:
        print(f"{package}: {_get_version(package)}")
    for library in threadpool_info():
        kernels = f", kernels for {library['architecture']}" if "architecture" in library else ""
        print(
            f"{library['user_api']}: {library['internal_api']} {library['version']}{kernels}, "
            f"{library['num_threads']} threads"
        )


def _get_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from its folder, without installation
        return "not installed"
