"""Time of a fit: ours against scikit-learn's, against JAX and PyTorch, and against bare BLAS.

Run it with ``python tests/benchmarks/bench.py``; it takes under ten minutes on two cores. Name
tables to see only those, and cases, or parts of their names, behind ``--cases``. ``--json FILE``
writes all numbers, with quartiles and the versions of everything, and ``--figure FILE`` a
picture. JAX and PyTorch take part where they are installed.

All engines train for a fixed number of epochs, fit after fit in turns, and a ratio is taken
within each turn; tables show medians over the turns. On a noisy machine say ``--turns 50
--seconds 60``. The tables of time on the wall want a machine with nothing else to do: two BLAS
threads that wait for each other take many times as long where a third wants their cores.

The exit code is 1 if an engine did not compute what the others computed.

A further case is a row of ``cases.py``, a further engine a function of ``engines.py``, a further
table a row of ``tables.py``.
"""

import argparse
import json
import warnings
from pathlib import Path

from machine import describe_machine
from sklearn.exceptions import ConvergenceWarning
from tables import TABLES, summarize


def run_table(name, arguments):
    """Run and print a table; return its rows with their summary."""
    table = TABLES[name]
    print(f"\n{table.title}", flush=True)
    rows = []
    for case in table.cases:
        if arguments.cases and not any(part in case for part in arguments.cases):
            continue
        for dtype in table.dtypes:
            if dtype in arguments.dtypes:
                row = table.run(case, dtype, arguments.turns, arguments.seconds)
                if not rows:
                    print_head(table)
                print_row(table, row)
                rows.append(row)
    summary = summarize(rows)
    for line in summary:
        print(
            f"{line['compared']}, {line['dtype']}, {line['shapes']} shapes: geometric mean "
            f"{line['geometric mean']:.2f}, from {line['smallest']:.2f} to {line['largest']:.2f}"
        )
    return {"title": table.title, "rows": rows, "summary": summary}


def print_head(table):
    print(f"{'case':24}{'type':9}{'turns':>5}", end="")
    print(*(f"{engine + ' ms':>{width(engine)}}" for engine in table.engines), end="")
    print(*(f"{label:>22}  {'quartiles':15}" for label in table.compared))


def print_row(table, row):
    print(f"{row['case']:24}{row['dtype']:9}{row['turns']:5}", end="")
    for engine in table.engines:
        seconds = row["seconds per epoch"].get(engine)
        text = f"{1e3 * seconds['median']:.3f}" if seconds else ""
        print(f"{text:>{width(engine)}}", end=" ")
    for label in table.compared:
        numbers = row["compared"].get(label)
        text = f"{numbers['median']:.2f}" if numbers else ""
        spread = f"{numbers['low']:.2f} - {numbers['high']:.2f}" if numbers else ""
        print(f"{text:>22}  {spread:15}", end="")
    print(f"  NOT THE SAME: {', '.join(row['wrong'])}" if row["wrong"] else "", flush=True)


def width(engine):
    return max(12, len(engine) + 4)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tables", nargs="*", metavar="table", help=f"of {', '.join(TABLES)}")
    parser.add_argument("--cases", nargs="+", default=[], help="parts of their names")
    parser.add_argument("--dtypes", nargs="+", default=["float64", "float32"])
    parser.add_argument("--turns", type=int, default=25, help="at most, per row")
    parser.add_argument("--seconds", type=float, default=6, help="per row, but three turns")
    parser.add_argument("--json", type=Path, help="a file to write")
    parser.add_argument("--figure", type=Path, help="a file to write")
    arguments = parser.parse_args()
    unknown = set(arguments.tables) - set(TABLES)
    if unknown:
        parser.error(f"{sorted(unknown)} not in {list(TABLES)}")
    if arguments.turns < 2:
        parser.error("--turns must be at least 2, for quartiles")
    return arguments


def main():
    arguments = parse_arguments()
    if arguments.figure:
        from figure import draw  # now, rather than find out in ten minutes what is not installed
    before = describe_machine()
    names = arguments.tables or TABLES
    tables = {name: run_table(name, arguments) for name in names}
    results = {"machine": describe_machine(), "load before": before["load"], "tables": tables}
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")
    if arguments.figure:
        draw(results, arguments.figure)
    return int(any(row["wrong"] for table in tables.values() for row in table["rows"]))


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        raise SystemExit(main())
