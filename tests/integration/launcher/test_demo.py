from tests.integration.launcher.launched import fullcircle
from tests.shared import reachable_directory


def test_the_demo_closes_the_circle_and_leaves_nothing_behind() -> None:
    directory = reachable_directory()
    told = fullcircle("demo", home=directory)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "improved" in told.stdout
    assert list(directory.iterdir()) == []
    directory.rmdir()


def test_a_running_stack_needs_a_key_for_the_demo() -> None:
    directory = reachable_directory()
    told = fullcircle("demo", "--url", "http://127.0.0.1:1", home=directory)
    directory.rmdir()
    assert told.returncode == 2
    assert "--key" in told.stderr
