"""How long a start takes, and what an idle stack holds and spends: the first start, then more in the same home.

python -m benchmarks.startup
"""

import statistics
import sys
import time

from benchmarks.own_stack import RunningStack, own_home, running_stack
from benchmarks.report import Figure, exit_code, remark_load, report

STARTS = 3
SETTLE_S = 5.0
IDLE_S = 120.0


def idle_share(stack: RunningStack) -> float:
    """CPU per second of everything that runs, with nobody asking; what follows a start is over by then."""
    time.sleep(4 * SETTLE_S)
    before = stack.cpu_s()
    time.sleep(IDLE_S)
    return (stack.cpu_s() - before) / IDLE_S


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
        with running_stack(home) as stack:
            spent = idle_share(stack)
    figures.append(report(Figure("ready_again_s", statistics.median(again), at_most=8)))
    figures.append(report(Figure("idle_memory_mb", statistics.median(memory), at_most=600)))
    figures.append(report(Figure("idle_share_of_a_core", spent, at_most=0.02)))
    remark_load("after")
    return exit_code(figures)


if __name__ == "__main__":
    sys.exit(main())
