"""Every operation that the example client sends is one the service serves."""

from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

GRAPHQL = Path(__file__).resolve().parents[2] / "graphql"
OPERATIONS = sorted((GRAPHQL / "operations").glob("*.graphql"))


def test_there_are_operations_to_check() -> None:
    assert {path.stem for path in OPERATIONS} >= {
        "case",
        "quote",
        "create_task",
        "record_outcomes",
        "finish_task",
        "task",
    }


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_an_operation_is_valid_and_named_like_its_file(path: Path) -> None:
    schema = build_schema((GRAPHQL / "schema.graphql").read_text(encoding="utf-8"))
    document = parse(path.read_text(encoding="utf-8"))
    assert validate(schema, document) == []
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    assert operation.name.value == path.stem.title().replace("_", "")
