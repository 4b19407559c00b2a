"""Is every damaged or hostile file refused with a sentence, and nothing else?

``python tests/benchmarks/mutations.py`` mutates model files, files of a solver's state, and
checkpoints, 10,000 times each: bits, blocks, the zip directory; and, with the hash made right
again, types, values, shapes and repetitions of what the files say. All have to be refused with
`InvalidFileError`; a checkpoint has to be set aside, and the fit to end with the same weights.
Where the hash is right, a file may be read, if what it says is possible; then all methods of its
model have to work, or to raise a ValueError. Reading takes at most ten times the memory of the
file, and 50 MB. No audit event of Python may tell of imports, code or processes. The exit code is
1 if anything else happens. It takes about ten minutes.
"""

import argparse
import pathlib
import sys
import tempfile

try:
    import resource
except ImportError:  # not on Windows
    resource = None

sys.path.append(str(pathlib.Path(__file__).parents[1]))

from file_material import (
    CHECKPOINTS_WRITE,
    make_checkpoint,
    make_model_files,
    make_state_files,
    make_use_of_checkpoint,
    make_use_of_state,
    run,
    use_model,
)

MEMORY = 2**31
"""What the process may have: a file that asks for more fails at once, and harms nobody."""


def limit_memory():
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n-files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", help="folder for files that were not treated as they should be")
    arguments = parser.parse_args()
    limit_memory()
    n_failures = 0
    print("| files | n | refused | refused, hash made right | read | else | slowest | memory |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        states, rows = make_state_files()
        est, place = make_checkpoint()
        cases = {
            "models": (use_model, make_model_files(folder), set()),
            "solver states": (make_use_of_state(rows), states, set()),
            "checkpoints": (
                make_use_of_checkpoint(est, place),
                [place.read_bytes()],
                CHECKPOINTS_WRITE,
            ),
        }
        for what, (use, files, allowed) in cases.items():
            counts, failures, guard = run(
                use, files, folder, arguments.n_files, arguments.seed, allowed=allowed
            )
            cells = [what, arguments.n_files, *counts.values(), len(failures)]
            cells += [f"{guard.seconds:.2f} s", f"{guard.n_bytes / 1e6:.1f} MB"]
            print("|", " | ".join(map(str, cells)), "|", flush=True)
            n_failures += len(failures) + len(guard.events)
            for text in sorted({text for text, _ in failures}) + sorted(set(guard.events)):
                print("   ", text)
            for index, (_, data) in enumerate(failures if arguments.keep else ()):
                pathlib.Path(arguments.keep, f"{what.split()[0]}{index}").write_bytes(data)
    return 1 if n_failures else 0


if __name__ == "__main__":
    sys.exit(main())
