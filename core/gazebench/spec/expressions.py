"""Expressions a user may write to choose cases: names, comparisons, and, or, not.

An expression is parsed once against a list of allowed syntax and never handed to `eval`: it can
compare and combine the values it is given, and nothing else.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from gazebench.errors import UsageError
from gazebench.spec.suggest import suggest

Values: TypeAlias = Mapping[str, Any]
Evaluate: TypeAlias = Callable[[Values], Any]

LONGEST = 2000  # characters
DEEPEST = 40  # nested forms; far more would exhaust Python's stack
ALLOWED = "names, numbers, 'texts', lists, and, or, not, in, ==, !=, <, <=, >, >="

_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, group: item in group,
    ast.NotIn: lambda item, group: item not in group,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expression:
    """A checked expression.

    Attributes:
        text: as the user wrote it.
        names: every name it asks for.
    """

    text: str
    names: frozenset[str]
    _evaluate: Evaluate

    def evaluate(self, values: Values) -> bool:
        """Return whether the expression holds for these values.

        Raises:
            UsageError: a name is not among the values, or a text is compared with a number.
        """
        return bool(self._evaluate(values))


def compile_expression(text: str) -> Expression:
    """Parse and check an expression, without evaluating it.

    >>> chosen = compile_expression('phase in [1, 2] and not view == "AP"')
    >>> sorted(chosen.names), chosen.evaluate({"phase": 2, "view": "PA"})
    (['phase', 'view'], True)

    Raises:
        UsageError: it is not an expression, or uses syntax that is not allowed.
    """
    line = text.replace("\n", " ").strip()
    compiler = _Compiler(line)
    tree = compiler.parse()
    evaluate = compiler.compile(tree)
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return Expression(text=line, names=names, _evaluate=evaluate)


class _Compiler:
    """Turns allowed syntax into closures; holds the text, for the caret under an error."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self._forms: Mapping[type[ast.expr], Callable[[Any], Evaluate]] = {
            ast.BoolOp: self._combination,
            ast.UnaryOp: self._negation,
            ast.Compare: self._comparison,
            ast.Name: self._name,
            ast.Constant: self._constant,
            ast.Tuple: self._group,
            ast.List: self._group,
        }

    def parse(self) -> ast.expr:
        if not self._text:
            self._refuse("a subset expression must not be empty", 0)
        if len(self._text) > LONGEST:
            raise UsageError(
                f"a subset expression is at most {LONGEST} characters long, "
                f"found {len(self._text)}",
                do="split it into several subsets",
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # an odd escape in a text is the user's business
                return ast.parse(self._text, mode="eval").body
        except SyntaxError as error:
            self._refuse(f"this is not an expression ({error.msg})", (error.offset or 1) - 1)
        except (ValueError, RecursionError, MemoryError):
            self._refuse("this is not an expression", 0)

    def compile(self, node: ast.expr) -> Evaluate:
        form = self._forms.get(type(node))
        if form is None:
            self._refuse(f"{_spoken(node)} is not allowed in an expression", self._column(node))
        if self._depth == DEEPEST:
            self._refuse(f"nested deeper than {DEEPEST} levels", self._column(node))
        self._depth += 1
        evaluate = form(node)
        self._depth -= 1
        return evaluate

    def _combination(self, node: ast.BoolOp) -> Evaluate:
        parts = [self.compile(part) for part in node.values]
        if isinstance(node.op, ast.And):
            return lambda values: all(part(values) for part in parts)
        return lambda values: any(part(values) for part in parts)

    def _negation(self, node: ast.UnaryOp) -> Evaluate:
        operand = self.compile(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda values: not operand(values)
        is_number = isinstance(node.operand, ast.Constant) and _is_number(node.operand.value)
        if not isinstance(node.op, ast.USub) or not is_number:
            self._refuse("arithmetic is not allowed in an expression", self._column(node))
        return lambda values: -operand(values)

    def _comparison(self, node: ast.Compare) -> Evaluate:
        operands = [self.compile(part) for part in (node.left, *node.comparators)]
        steps = []
        for index, symbol in enumerate(node.ops):
            compare = _COMPARISONS.get(type(symbol))
            if compare is None:
                self._refuse("'is' is not allowed in an expression; use ==", self._column(node))
            check = self._check_group if isinstance(symbol, ast.In | ast.NotIn) else self._check
            steps.append((operands[index], operands[index + 1], compare, check))
        column = self._column(node)

        def holds(values: Values) -> bool:
            for left, right, compare, check in steps:
                first, second = left(values), right(values)
                check(first, second, column)
                if not compare(first, second):
                    return False
            return True

        return holds

    def _name(self, node: ast.Name) -> Evaluate:
        name, column = node.id, self._column(node)

        def look_up(values: Values) -> Any:
            if name not in values:
                known = sorted(values)
                hint = suggest(name, known)
                self._refuse(
                    f"unknown name {name!r}" + (f"; {hint}" if hint else ""),
                    column,
                    do=f"use one of {', '.join(known) or '(there are none)'}",
                )
            return values[name]

        return look_up

    def _constant(self, node: ast.Constant) -> Evaluate:
        value = node.value
        if not isinstance(value, str | int | float):
            self._refuse(f"{value!r} is not allowed in an expression", self._column(node))
        return lambda _values: value

    def _group(self, node: ast.Tuple | ast.List) -> Evaluate:
        items = [self.compile(item) for item in node.elts]
        return lambda values: tuple(item(values) for item in items)

    def _check(self, left: Any, right: Any, column: int) -> None:
        # Python's "1" == 1 is False without a word: the subset would be empty and nobody know why.
        if _sort(left) != _sort(right):
            self._refuse(
                f"{left!r} ({_sort(left)}) cannot be compared with {right!r} ({_sort(right)})",
                column,
            )

    def _check_group(self, item: Any, group: Any, column: int) -> None:
        if _is_number(group):
            self._refuse(f"'in' needs a list or a text on its right, found {group!r}", column)
        for member in [group] if isinstance(group, str) else group:
            self._check(item, member, column)

    def _column(self, node: ast.expr) -> int:
        # ast counts in UTF-8 bytes
        return len(self._text.encode()[: node.col_offset].decode())

    def _refuse(self, what: str, column: int, *, do: str = "") -> NoReturn:
        raise UsageError(
            f"{what}\n    {self._text}\n    {' ' * column}^",
            do=do or f"an expression may hold {ALLOWED}",
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _sort(value: Any) -> str:
    if isinstance(value, str):
        return "a text"
    return "a number" if _is_number(value) else "a list"


def _spoken(node: ast.expr) -> str:
    spoken: Mapping[type[ast.expr], str] = {
        ast.Call: "a call",
        ast.Attribute: "an attribute (a name with a dot)",
        ast.Subscript: "a subscript",
        ast.BinOp: "arithmetic",
        ast.Lambda: "a lambda",
        ast.IfExp: "if ... else",
        ast.JoinedStr: "an f-string",
    }
    return spoken.get(type(node), f"'{ast.unparse(node)}'")
