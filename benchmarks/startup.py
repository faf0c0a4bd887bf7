"""How long a start takes, and what four idle processes hold: the first start, then three more in the same home.

python -m benchmarks.startup
"""

import statistics
import sys
import time

from benchmarks.own_stack import own_home, running_stack
from benchmarks.report import Figure, exit_code, remark_load, report

STARTS = 3
SETTLE_S = 5.0


def main() -> int:
    remark_load("before")
    with own_home() as home:
        with running_stack(home) as first:
            figures = [report(Figure("first_ready_s", first.ready_after_s))]
        again, memory = [], []
        for _ in range(STARTS):
            with running_stack(home) as stack:
                again.append(stack.ready_after_s)
                time.sleep(SETTLE_S)
                memory.append(stack.memory_mb())
    figures.append(report(Figure("ready_again_s", statistics.median(again), at_most=8)))
    figures.append(report(Figure("idle_memory_mb", statistics.median(memory), at_most=600)))
    remark_load("after")
    return exit_code(figures)


if __name__ == "__main__":
    sys.exit(main())
