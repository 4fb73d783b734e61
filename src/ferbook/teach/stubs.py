"""An exercise out of its solution: what is asked for stays, what is to be written goes."""

from __future__ import annotations

import ast

from ferbook.errors import InputError


def stub(source: str, number: int) -> str:
    """The solution's functions with signature and docstring alone, its assignments without value.

    A function that is called before it is written says so, by the number of its exercise. Raises
    InputError for a solution that holds anything else, or a function without a docstring.

    >>> print(stub('def twice(x):\\n    "Two x."\\n    return 2 * x\\n', 3))
    def twice(x):
        "Two x."
        raise NotImplementedError("Exercise 3 is open: write the body of `twice`")
    """
    lines = source.splitlines()
    parts = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            kept = lines[node.lineno - 1 : node.body[0].end_lineno]
            said = f"Exercise {number} is open: write the body of `{node.name}`"
            parts.append("\n".join([*kept, f'    raise NotImplementedError("{said}")']))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            parts.append(f"{node.targets[0].id} = None  # your answer")
        else:
            raise InputError(
                f"solution {number}, line {node.lineno}: expected functions with a docstring,"
                f" or `name = answer`: {lines[node.lineno - 1]!r}"
            )
    return "\n\n\n".join(parts)


def asked(source: str) -> list[str]:
    """The names that a solution defines."""
    body = ast.parse(source).body
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    values = [n.targets[0].id for n in body if isinstance(n, ast.Assign)]  # type: ignore[attr-defined]
    return functions + values
