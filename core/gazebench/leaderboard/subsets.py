"""Which cases belong to which subset: plugins' and the user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gazebench.errors import GazeBenchError, PluginError, UsageError
from gazebench.leaderboard.pool import ALL
from gazebench.leaderboard.table_subsets import named_expression
from gazebench.registry.asked import asked
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin
from gazebench.spec.expressions import Expression, compile_expression
from gazebench.spec.findings import agreed_findings
from gazebench.spec.suggest import suggest
from gazebench.spec.values import Case

Members = Mapping[str, frozenset[str]]


def requested_memberships(
    texts: Sequence[str], cases: Sequence[Case], host: Host
) -> dict[str, frozenset[str]]:
    """Return the case ids of every subset that a user asks for, in that order.

    A text is a plugin (`abnormal:threshold=2`), one part of a plugin that has parts (`phase:1`),
    or NAME=EXPRESSION. An expression may ask for `id`, `readings` (how many), `height`, `width`,
    `findings` (those that the majority of readings call present), every attribute of the cases,
    and every subset plugin by its name.

    Raises:
        UsageError: a name twice, an unknown part, or an expression that cannot be judged.
        PluginError: an unknown plugin, or one that does not load.
    """
    chosen: dict[str, frozenset[str]] = {}
    for text in texts:
        name, expression = named_expression(text)
        if expression is None:
            found: Members = _plugin_members(name, cases, host)
        else:
            named = {n: host.get("subset", n) for n in sorted(_plugins_in(expression, cases, host))}
            found = {name: _chosen(cases, named, expression)}
        for key, members in found.items():
            if key in chosen or key == ALL:
                raise UsageError(f"the subset {key!r} is asked for twice", do="rename one")
            chosen[key] = members
    return chosen


def known_memberships(cases: Sequence[Case], host: Host) -> dict[str, frozenset[str]]:
    """Return the case ids of every part of every installed subset plugin that can be asked.

    Nobody asked for them, so one that does not load or answers nonsense is passed over.
    """
    found: dict[str, frozenset[str]] = {}
    for listed in host.listed("subset"):
        try:
            found |= _parts(host.get("subset", listed.full_name), cases)
        except GazeBenchError:
            continue
    return {name: members for name, members in found.items() if members}


def memberships(
    cases: Sequence[Case],
    subsets: Sequence[Plugin],
    expressions: Mapping[str, str],
) -> dict[str, frozenset[str]]:
    """Return the case ids of every part of every subset plugin, and of every expression.

    A plugin that names parts gives one subset a part, `label:part`. A case that a plugin or an
    expression cannot judge (no labels, no such attribute) belongs to no part. Expressions may
    use the plugins given here by their names.
    """
    found: dict[str, frozenset[str]] = {}
    for plugin in subsets:
        found |= _parts(plugin, cases)
    by_name = {plugin.name: plugin for plugin in subsets}
    for name, expression in expressions.items():
        found[name] = _chosen(cases, by_name, compile_expression(expression))
    return found


def _plugin_members(text: str, cases: Sequence[Case], host: Host) -> Members:
    head, colon, part = text.partition(":")
    if not colon or "=" in part:
        return _parts(host.get("subset", text), cases)
    parts = _parts(host.get("subset", head), cases)
    if text in parts:
        return {text: parts[text]}
    hint = suggest(text, parts)
    raise UsageError(
        f"the subset {head} has no part {part!r} here" + (f"; {hint}" if hint else ""),
        do=f"choose among {', '.join(parts)}" if parts else f"no case has a {head}",
    )


def _parts(plugin: Plugin, cases: Sequence[Case]) -> dict[str, frozenset[str]]:
    answers = {case.id: _answer(plugin, case) for case in cases}
    if not any(isinstance(answer, tuple) for answer in answers.values()):
        return {plugin.label: frozenset(case for case, answer in answers.items() if answer)}
    parts = sorted({part for answer in answers.values() for part in answer or ()})
    return {
        f"{plugin.label}:{part}": frozenset(
            c for c, answer in answers.items() if part in (answer or ())
        )
        for part in parts
    }


def _answer(plugin: Plugin, case: Case) -> Any:
    """Return a truth, a tuple of names, or None.

    Raises:
        PluginError: the plugin answers with something else.
    """
    answer = asked(plugin, f" for case {case.id}", plugin.call, case)
    if answer is None or isinstance(answer, bool):
        return answer
    if isinstance(answer, list | tuple | set | frozenset):
        names = tuple(sorted(answer)) if all(isinstance(name, str) for name in answer) else None
        if names is not None:
            return names
    raise PluginError(
        f"subset {plugin.label}, case {case.id}: answered {answer!r}, "
        "expected True, False, None or a list of names",
        do=f"correct {plugin.origin}",
    )


def _plugins_in(expression: Expression, cases: Sequence[Case], host: Host) -> set[str]:
    taken = {name for case in cases for name in _fields(case)}
    public = {host.public_name(listed) for listed in host.listed("subset")}
    return {name for name in expression.names - taken if name in public}


def _chosen(
    cases: Sequence[Case], plugins: Mapping[str, Plugin], expression: Expression
) -> frozenset[str]:
    asked = [plugin for name, plugin in plugins.items() if name in expression.names]
    every = {name for case in cases for name in _fields(case)} | set(plugins)
    chosen = set()
    for case in cases:
        fields = _fields(case)
        answers = {p.name: _answer(p, case) for p in asked if p.name not in fields}
        values = {**answers, **fields}
        missing = {n for n in expression.names & every if values.get(n) is None}
        # A case without the attribute is neither in the subset nor in its opposite.
        if not missing and expression.evaluate({**dict.fromkeys(every), **values}):
            chosen.add(case.id)
    return frozenset(chosen)


def _fields(case: Case) -> dict[str, Any]:
    return {
        **case.attributes,
        "id": case.id,
        "readings": len(case.readings),
        "height": case.size.height,
        "width": case.size.width,
        "findings": agreed_findings(case),
    }
