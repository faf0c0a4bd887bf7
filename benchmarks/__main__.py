"""Every published figure, one benchmark after the other; some need `FULLCIRCLE_DATA` (see docs/benchmarks.md).

python -m benchmarks [NAME ...]
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.report import remark

DATA = os.environ.get("FULLCIRCLE_DATA")

ALONE: dict[str, list[str]] = {
    "startup": [],
    "gateway_throughput": [],
    "requirements_intake": [],
    "metrics_ingest": [],
    "metrics_impact": ["--runs", "200"],
    "roadmap_scheduling": ["roadmaps", "1", "2", "60"],
}
ON_DATA: dict[str, list[str]] = {
    "requirements_themes": [],
    "roadmap_selection": [],
    "real_input": [],
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
        remark(f"{name}")
        command = [sys.executable, "-m", f"benchmarks.{name}", *known[name]]
        missed += subprocess.run(command, cwd=Path(__file__).parents[1], check=False).returncode != 0
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
