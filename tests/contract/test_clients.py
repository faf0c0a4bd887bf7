"""Clients generated from the merged document compile, import and make calls: `make clients` prepares the generators."""

import shutil
from pathlib import Path

from tests.contract.house import DOCUMENTS
from tests.e2e.stack import Stack
from tests.prepared import CALLS, PREPARED, needs_node, needs_python, run

DOCUMENT = DOCUMENTS / "fullcircle.json"


@needs_python
async def test_a_generated_python_client_imports_and_makes_calls(stack: Stack, tmp_path: Path) -> None:
    key = await stack.other_workspace("Generated")
    generate = ("generate", "--path", DOCUMENT, "--output-path", tmp_path / "generated")
    await run(PREPARED / "bin" / "openapi-python-client", *generate, directory=tmp_path)
    shutil.copytree(tmp_path / "generated" / "fullcircle_client", tmp_path / "fullcircle_client")
    shutil.copy(CALLS / "call.py", tmp_path)
    told = await run(PREPARED / "bin" / "python", "call.py", stack.url, key, directory=tmp_path)
    assert told == "Generated models import\n"


@needs_node
async def test_a_generated_typescript_client_compiles_under_strict_and_makes_calls(
    stack: Stack, tmp_path: Path
) -> None:
    key = await stack.other_workspace("Generated")
    (tmp_path / "node_modules").symlink_to(PREPARED / "node_modules")
    for name in ("call.ts", "tsconfig.json", "package.json"):
        shutil.copy(CALLS / name, tmp_path)
    tools = PREPARED / "node_modules" / ".bin"
    # A field with a default may be left out of a body, so the types must not demand it.
    generate = ("--output", "schema.d.ts", "--default-non-nullable=false")
    await run(tools / "openapi-typescript", DOCUMENT, *generate, directory=tmp_path)
    await run(tools / "tsc", "--project", ".", directory=tmp_path)
    told = await run("node", "call.js", stack.url, key, directory=tmp_path)
    assert told == "Your types compile under strict.\n"
