# SPDX-License-Identifier: GPL-3.0-or-later
"""Arithmetic on unsigned numbers that is defined for every value, and the edits a fix could make to it.

A node is a list: ['k', 7], ['v', 'x'], ['+', left, right], ['call', ID, argument]. Lists, because edits are in place.
"""

OPERATORS = ['+', '-', '*', '^', '|', '&', '<', '==', '%', '<<', '>>']
LARGE = [0, 1, 2, 3, 5, 7, 10, 31, 64, 100, 127, 128, 255, 256, 1000, 4096, 65535, 65537, 0x7FFFFFFF, 0xDEADBEEF]


def constant(rng):
    return ['k', rng.choice(LARGE) if rng.random() < 0.5 else rng.randrange(1 << 16)]


def leaf(rng, names, callees):
    kind = rng.random()
    if callees and kind < 0.3:
        return ['call', rng.choice(callees), ['v', rng.choice(names)]]
    return ['v', rng.choice(names)] if kind < 0.7 else constant(rng)


def make(rng, depth, names, callees=()):
    """A tree of at most DEPTH levels over the variables NAMES; it may call the features of the ids CALLEES."""
    if depth == 0 or rng.random() < 0.15:
        return leaf(rng, names, callees)
    return [rng.choice(OPERATORS), make(rng, depth - 1, names, callees), make(rng, depth - 1, names, callees)]


def nodes(tree):
    yield tree
    for part in tree[1:]:
        if isinstance(part, list):
            yield from nodes(part)


def change_constant(rng, tree):
    node = rng.choice([n for n in nodes(tree) if n[0] == 'k'] or [tree])
    node[:] = constant(rng)


def change_operator(rng, tree):
    node = rng.choice([n for n in nodes(tree) if n[0] in OPERATORS] or [tree])
    if node[0] in OPERATORS:
        node[0] = rng.choice(OPERATORS)
    else:
        wrap(rng, tree)


def wrap(rng, tree):
    tree[:] = [rng.choice(['+', '-', '^']), list(tree), ['k', rng.randrange(1, 1 << 12)]]


def unwrap(rng, tree):
    node = rng.choice(list(nodes(tree)))
    if node[0] in OPERATORS:
        node[:] = node[rng.choice([1, 2])]
    else:
        wrap(rng, tree)


def mutate(rng, tree):
    rng.choice([change_constant, change_constant, change_operator, wrap, unwrap])(rng, tree)


def text(tree, call):
    """C text; CALL (id, argument) gives the text of a call."""
    op = tree[0]
    if op == 'k':
        return f'{tree[1]}u'
    if op == 'v':
        return tree[1]
    if op == 'call':
        return call(tree[1], text(tree[2], call))
    left, right = text(tree[1], call), text(tree[2], call)
    if op == '%':
        return f'({left} % (({right} & 63u) + 1u))'
    if op in ('<<', '>>'):
        return f'({left} {op} ({right} & 31u))'
    return f'(unsigned)({left} {op} {right})'
