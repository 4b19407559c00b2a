"""One BLAS thread while a network is trained, since the number of threads changes bits.

The limit is a property of the process, so overlapping fits share it: the first one sets it, the
last one lifts it. This is the package's only global.
"""

import threading

from threadpoolctl import ThreadpoolController


class _OneBlasThread:
    """Reference-counted context manager."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_users = 0
        self._controller: ThreadpoolController | None = None
        self._limiter = None

    def __enter__(self) -> None:
        with self._lock:
            if self._n_users == 0:
                if self._controller is None:
                    self._controller = ThreadpoolController()
                self._limiter = self._controller.limit(limits=1, user_api="blas")
            self._n_users += 1

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._n_users -= 1
            if self._n_users == 0:
                self._limiter.restore_original_limits()  # type: ignore[attr-defined]


one_blas_thread = _OneBlasThread()
