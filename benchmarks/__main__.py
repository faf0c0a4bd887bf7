"""Every published figure, one benchmark after the other; some need `FULLCIRCLE_DATA` (see docs/benchmarks.md).

python -m benchmarks [NAME ...]
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.report import remark

DATA = os.environ.get("FULLCIRCLE_DATA")

# Each is a module of this package with its arguments.
ALONE = {
    "startup": ("startup",),
    "gateway_throughput": ("gateway_throughput",),
    "requirements_intake": ("requirements_intake",),
    "metrics_ingest": ("metrics_ingest",),
    "metrics_query": ("metrics_query", "--events", "3000000"),
    "metrics_impact": ("metrics_impact", "--runs", "200"),
    "metrics_experiments": ("metrics_experiments",),
    "metrics_forecast": ("metrics_forecast",),
    "roadmap_forecast": ("roadmap_forecast",),
    "roadmap_schedules": ("roadmap_scheduling", "roadmaps", "1", "10", "60"),
    "roadmap_large": ("roadmap_scheduling", "large", "60"),
}
ON_DATA = {
    "requirements_themes": ("requirements_themes",),
    "requirements_similar": ("requirements_similar",),
    "requirements_search": ("requirements_search",),
    "requirements_labels": ("requirements_labels",),
    "metrics_anomalies": ("metrics_anomalies",),
    "metrics_change_points": ("metrics_change_points",),
    "roadmap_selection": ("roadmap_selection",),
    "roadmap_rcpsp_j30": ("roadmap_scheduling", "rcpsp", "j30", "48", "60"),
    "roadmap_rcpsp_j60": ("roadmap_scheduling", "rcpsp", "j60", "12", "60"),
    "roadmap_rcpsp_j90": ("roadmap_scheduling", "rcpsp", "j90", "10", "60"),
    "roadmap_rcpsp_j120": ("roadmap_scheduling", "rcpsp", "j120", "10", "60"),
    "real_input": ("real_input",),
}


def main(names: list[str]) -> int:
    """The number of benchmarks that missed a goal."""
    known = {**ALONE, **ON_DATA}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(known)}")
    missed = 0
    for name in names or known:
        if name in ON_DATA and DATA is None:
            remark(f"{name}: left out, FULLCIRCLE_DATA does not say where the data is")
            continue
        remark(name)
        module, *arguments = known[name]
        command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
        missed += subprocess.run(command, cwd=Path(__file__).parents[1], check=False).returncode != 0
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
