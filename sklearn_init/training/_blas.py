"""One BLAS thread while a network is trained, since the number of threads changes bits.

OpenBLAS has one pool of threads for the process, so overlapping fits share the limit: the first
one notes what was, the last one restores it. This is the package's only global.
"""

import threading

from threadpoolctl import ThreadpoolController


class _OneBlasThread:
    """Reference-counted context manager."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_users = 0
        self._controller: ThreadpoolController | None = None

    def __enter__(self) -> None:
        with self._lock:
            if self._controller is None:
                self._controller = ThreadpoolController()
            self._take_control()
            # every user sets the limit: with MKL and OpenMP it holds for one thread only
            limiter = self._controller.limit(limits=1, user_api="blas")
            if self._n_users == 0:
                self._limiter = limiter
            self._n_users += 1

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._n_users -= 1
            if self._n_users == 0:
                self._take_control()
                self._limiter.restore_original_limits()
                self._take_control()

    def _take_control(self) -> None:
        """Let any thread set limits: newer threadpoolctl ignores all but the first that did."""
        assert self._controller is not None
        for library in self._controller.lib_controllers:
            if hasattr(library, "clear_controlling_thread"):
                library.clear_controlling_thread(force=True)


one_blas_thread = _OneBlasThread()
