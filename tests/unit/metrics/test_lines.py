import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.chassis.bulk import read_lines
from services.chassis.errors import Problem
from services.metrics.measurements.lines import read_measurements
from services.metrics.measurements.schemas import MeasurementCreate

KPI = "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e"
PLAIN = {"kpi_id": KPI, "value": 1.5, "measured_at": "2026-05-01T10:00:00+02:00", "dedupe_key": "a"}
strict = TypeAdapter(MeasurementCreate)

values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**60), 2**60),
    st.text(max_size=4),
    st.booleans(),
    st.none(),
    st.sampled_from([KPI, KPI.upper(), KPI.replace("-", ""), "2026-05-01", "2026-05-01T10:00:00", "1e3"]),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)
fields = st.sampled_from([*PLAIN, "denominator", "dimensions", "unknown"])


def told(answer):
    if isinstance(answer, Problem):
        return type(answer), answer.errors
    return [getattr(answer, name) for name in MeasurementCreate.model_fields]


@given(st.dictionaries(fields, values), st.booleans())
def test_the_fast_way_never_says_otherwise_than_the_strict_one(changes, escaped):
    body = json.dumps(PLAIN | changes, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    ((_, fast),) = read_measurements(body)
    ((_, slow),) = read_lines(body, strict)
    assert told(fast) == told(slow)


@pytest.mark.parametrize(
    "line",
    [
        b'{"kpi_id":"%b","value":1,"value":2,"measured_at":"2026-05-01T10:00:00Z"}',
        b'{"kpi_id":"%b","value":1e400,"measured_at":"2026-05-01T10:00:00Z"}',
        b'{"kpi_id":"%b","value":NaN,"measured_at":"2026-05-01T10:00:00Z"}',
        b'{"kpi_id":"%b","value":9007199254740993,"measured_at":"2026-05-01T10:00:00Z"}',
        b'{"kpi_id":"%b","value":1,"measured_at":"2026-05-01T10:00:00Z","dedupe_key":"\\u0000"}',
        b"[1]",
        b"{",
    ],
)
def test_what_the_strict_way_refuses_is_refused(line):
    ((_, fast),) = read_measurements(line.replace(b"%b", KPI.encode()))
    assert isinstance(fast, Problem)


def test_lines_keep_their_numbers():
    body = b"\n" + json.dumps(PLAIN).encode() + b"\n\n{}\n"
    assert [number for number, _ in read_measurements(body)] == [2, 4]


def test_a_plain_line_is_read():
    ((_, read),) = read_measurements(json.dumps(PLAIN | {"denominator": 2}).encode())
    assert (read.kpi_id, read.value, read.denominator, read.dedupe_key) == (UUID(KPI), 1.5, 2, "a")
