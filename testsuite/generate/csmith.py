# SPDX-License-Identifier: GPL-3.0-or-later
"""A unit that csmith writes, and edits of its text.

csmith's programs print a checksum of each of their globals. Much of their code has no effect on them, and most edits
therefore none; one edit in three is put where it must show. Loops and array indices are left alone: what is defined
stays defined, except where an edit redirects a pointer (the caller asks the sanitizers when a difference turns up).
"""

import re
import subprocess
import tempfile

OPTIONS = ['--max-funcs', '5', '--max-block-depth', '3', '--max-expr-complexity', '6', '--max-block-size', '4']
FLAGS = ['-I/usr/include/csmith']
SCALAR = re.compile(r'^static (?:volatile )?u?int\d+_t (g_\d+) = ', re.M)
STATEMENT = re.compile(
    r'^ {4,}(?! |for|return|static|goto|lbl|if|else|const|volatile|u?int\d+_t|struct|union|unsigned|signed|int|char)'
    r'[^{}\[\]]*;$'
)
NUMBER = re.compile(r'(?<![\w.])(0x[0-9A-F]+|\d+)(?=U?L{0,2}\b)')
SWAPS = [
    ('safe_add', 'safe_sub'),
    ('safe_mul', 'safe_add'),
    (' && ', ' || '),
    (' < ', ' >= '),
    (' == ', ' != '),
    (' ^ ', ' | '),
    (' & ', ' ^ '),
    ('++', '--'),
    (' += ', ' ^= '),
    ('safe_mod', 'safe_div'),
    (' > ', ' <= '),
]


class Csmith:
    def __init__(self, number, rng):
        self.number, self.static = number, 0
        text = subprocess.run(
            ['csmith', '--seed', str(rng.randrange(1 << 30)), *OPTIONS],
            capture_output=True,
            text=True,
            check=True,
            cwd=tempfile.gettempdir(),
        ).stdout
        head, _, rest = text.partition('/* --- FUNCTIONS --- */')
        body, _, tail = rest.partition('int main (')
        self.head, self.lines = head, body.split('\n')
        self.tail = f'int csmith_{number} (' + tail.partition('/*****')[0]  # statistics follow

    def text(self):
        return self.head + '\n'.join(self.lines) + f'\nint csmith_{self.number}(int, char **);\n' + self.tail

    # ---- edits --------------------------------------------------------------------------------------------------

    def edit(self, rng):
        kind = rng.random()
        if kind < 0.35:
            self.add_live(rng)
        elif kind < 0.6:
            self.change_constant(rng)
        elif kind < 0.8:
            self.swap_operator(rng)
        elif kind < 0.92:
            self.remove_statement(rng)
        else:
            self.toggle_inline(rng)

    def starts(self):
        """Where the bodies of functions begin."""
        return [i + 1 for i, line in enumerate(self.lines) if line.startswith('{')]

    def choose(self, rng, fits):
        at = [i for i, line in enumerate(self.lines) if line.startswith('    ') and fits(line)]
        return rng.choice(at) if at else None

    def add_live(self, rng):
        scalars, starts = SCALAR.findall(self.head), self.starts()
        if not scalars or not starts:
            return
        name, self.static = rng.choice(scalars), self.static + 1
        k, c = self.static, rng.randrange(1, 120)
        add = rng.choice(
            [
                f'{name} ^= {c};',
                f'{{ static int s{k} = {c}; {name} += s{k}++; }}',
                f'{name} ^= (int)sizeof "{c * 77}"; puts("seen {c}");',
                f'{name} = added_{k}({name});',
            ]
        )
        at = rng.choice(starts[:2])
        self.lines.insert(at, '    ' + add)
        if add.endswith(f'added_{k}({name});'):
            self.head += f'static long added_{k}(long v) {{ static int n; n++; return v * {c} + n; }}\n'

    def change_constant(self, rng):
        at = self.choose(rng, lambda line: STATEMENT.match(line) or line.lstrip().startswith(('return', 'if')))
        if at is None or '[' in self.lines[at]:
            return
        hits = list(NUMBER.finditer(self.lines[at]))
        if hits:
            hit = rng.choice(hits)
            self.lines[at] = self.lines[at][: hit.start()] + str(rng.randrange(1, 127)) + self.lines[at][hit.end() :]

    def swap_operator(self, rng):
        swaps = [(a, b) for a, b in SWAPS] + [(b, a) for a, b in SWAPS]
        rng.shuffle(swaps)
        for a, b in swaps:
            at = self.choose(rng, lambda line: a in line and '[' not in line and not line.lstrip().startswith('for'))
            if at is not None and (a, b) != ('safe_add', 'safe_mul'):
                self.lines[at] = self.lines[at].replace(a, b, 1)
                return

    def remove_statement(self, rng):
        at = self.choose(rng, STATEMENT.match)
        if at is not None:
            self.lines[at] = '    ;'

    def toggle_inline(self, rng):
        at = [i for i, line in enumerate(self.lines) if line.startswith('static ') and '(' in line]
        if at:
            i = rng.choice(at)
            self.lines[i] = '__attribute__((noinline)) ' + self.lines[i]
