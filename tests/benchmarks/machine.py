"""What the numbers were measured on, and with."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from threadpoolctl import threadpool_info

PACKAGES = "sklearn_init", "scikit-learn", "numpy", "scipy", "joblib", "jax", "jaxlib", "torch"
BLAS_FACTS = "internal_api", "version", "architecture", "threading_layer"


def describe_machine():
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "blas": [
            {fact: library[fact] for fact in BLAS_FACTS if fact in library}
            | {"of": Path(library["filepath"]).parent.name.removesuffix(".libs")}
            for library in threadpool_info()
            if library["user_api"] == "blas"
        ],
    }


def _processor():
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        facts = (line.partition(":") for line in cpuinfo.read_text().splitlines())
        facts = {key.strip(): value.strip() for key, _, value in facts}
        names = [facts.get("model name"), facts.get("model") and f"model {facts['model']}"]
        return ", ".join(filter(None, names))
    return platform.processor()


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None
