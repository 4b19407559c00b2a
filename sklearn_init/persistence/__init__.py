"""Fitted networks outside of their process: model files, pickles and checkpoints."""

from sklearn_init.persistence._attributes import CURVES, OF_A_FIT, STARTS, check_has_network
from sklearn_init.persistence._folder import follow_with_checkpoint
from sklearn_init.persistence._pickling import (
    VERSION,
    pack_state,
    unpack_state,
    warn_about_version,
)
from sklearn_init.persistence._saving import read_model, save

__all__ = [
    "CURVES",
    "OF_A_FIT",
    "STARTS",
    "VERSION",
    "check_has_network",
    "follow_with_checkpoint",
    "pack_state",
    "read_model",
    "save",
    "unpack_state",
    "warn_about_version",
]
