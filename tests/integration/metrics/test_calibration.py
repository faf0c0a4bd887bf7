async def test_promises_are_compared_with_what_was_measured(story, api, make_kpi):
    assert (await api.get("/v1/calibration")).json()["groups"] == []
    kept, broken = [await make_kpi(aggregation="average", tags=["activation"]) for _ in range(2)]
    await story.measure(kept, effect=5)
    await story.measure(broken, effect=2)
    for kpi in (kept, broken):
        await story.ship(kpi, low=4, likely=5, high=6)
    await story.look()
    (whole,) = (await api.get("/v1/calibration")).json()["groups"]
    assert (whole["count"], whole["hit_rate"], whole["bias"]) == (2, 0.5, None)
    assert 0.8 < whole["factor"] < 1
    by_kpi = {each["group"]: each for each in (await api.get("/v1/calibration?group_by=kpi")).json()["groups"]}
    assert by_kpi[kept["id"]]["hit_rate"] == 1
    assert -4 < by_kpi[broken["id"]]["bias"] < -2
    (tagged,) = (await api.get("/v1/calibration?group_by=tag")).json()["groups"]
    assert tagged["outcome_ids"] == whole["outcome_ids"]
