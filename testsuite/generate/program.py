# SPDX-License-Identifier: GPL-3.0-or-later
"""A program as a model: features in units. Text is made from it, and a new version is a copy of the model, edited.

A feature is a function `unsigned NAME(unsigned)` with all that belongs to it, around one construct of the language. Its
parameters are plain data (self.p), so that a version is a deep copy and an edit changes one parameter. Features call
each other downwards only (by id), so every program ends.
"""

import copy

import expression

HEADER = '''#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
void note(const char *what, unsigned value);
extern volatile unsigned opaque;
'''

HIDDEN = '__attribute__((visibility("hidden"))) '

# main() waits for a patch inside a constructor: then main itself is not active yet, whatever is inlined into it.
MAIN = '''#include <unistd.h>
volatile unsigned opaque = 3;
void note(const char *what, unsigned value) { printf("%s %u\\n", what, value); }
__attribute__((constructor)) static void wait_for_patch(void)
{
	char c;
	if (getenv("HP_WAIT") && (write(2, "ready\\n", 6) != 6 || read(0, &c, 1) != 1))
		_exit(9);
}
'''


class Feature:
    """One construct. A subclass gives init(), code() and edit(); header() where other units must see more."""

    linkage = True  # may be static
    uses_extra = False  # self.p['tree'] stands in the function itself and may use a new parameter

    def __init__(self, program, number, rng):
        self.number, self.unit, self.rng_seed = number, rng.randrange(program.nunits), rng.random()
        self.static = False
        self.hidden = rng.random() < 0.25   # its unit only calls it; a library has no symbol of it
        self.attribute = rng.choice(['', '', '', '__attribute__((noinline)) '])
        self.extra = 0  # parameters that were added later
        self.p = {}
        self.init(program, rng)

    @property
    def name(self):
        return f'{type(self).__name__.lower()}_{self.number}'

    def init(self, program, rng):
        raise NotImplementedError

    def code(self, program):
        raise NotImplementedError

    def edit(self, program, rng):
        raise NotImplementedError

    def header(self, program):
        return '' if self.static else self.head() + ';\n'

    def head(self):
        static = 'static ' if self.static else HIDDEN if self.hidden else ''
        more = ''.join(f', unsigned y{i}' for i in range(self.extra))
        return f'{static}{self.attribute}unsigned {self.name}(unsigned x{more})'

    def call(self, argument):
        return f'{self.name}({argument}{"".join(f", {i + 2}u" for i in range(self.extra))})'

    def callees(self, program):
        """Ids that this feature may call: earlier ones that its unit can see."""
        seen = [f for f in program.features if f.unit == self.unit or not (f.static or f.hidden)]
        return [f.number for f in seen if f.number < self.number][-4:]


class Program:
    suffix = 'c'

    def __init__(self, kinds, nunits):
        self.kinds, self.nunits = kinds, nunits
        self.features, self.next = [], 0
        self.blank = [0] * nunits  # blank lines at the top of a unit: they move __LINE__
        self.rounds = 3
        self.foreign = []  # units that others wrote: number, text(), edit(rng)

    def add(self, rng):
        self.features.append(rng.choice(self.kinds)(self, self.next, rng))
        self.next += 1
        feature = self.features[-1]
        if feature.linkage and rng.random() < 0.4:
            feature.static = True
        return feature

    def calls(self, number, argument):
        """Text of a call; of a feature that is gone, its argument remains."""
        for f in self.features:
            if f.number == number:
                return f.call(argument)
        return f'({argument} + 1u)'

    def text(self, tree):
        return expression.text(tree, self.calls)

    # ---- text ---------------------------------------------------------------------------------------------------

    def entry_of_unit(self, unit):
        lines = ''.join(f'\tnote("{f.name}", {f.call("x + opaque")});\n' for f in self.features if f.unit == unit)
        return f'void run_{unit}(unsigned x);\nvoid run_{unit}(unsigned x)\n{{\n\t(void)x;\n{lines}}}\n'

    def unit_text(self, unit):
        here = [f for f in self.features if f.unit == unit]
        declared = ''.join(f.head() + ';\n' for f in here if f.static)
        body = ''.join(f.code(self) + '\n' for f in here)
        return '\n' * self.blank[unit] + '#include "prog.h"\n' + declared + body + self.entry_of_unit(unit)

    def main_text(self):
        declared = ''.join(f'void run_{u}(unsigned);\n' for u in range(self.nunits))
        declared += ''.join(f'int csmith_{f.number}(int, char **);\n' for f in self.foreign)
        runs = ''.join(f'\t\trun_{u}(i * 7u);\n' for u in range(self.nunits))
        last = ''.join(f'\tcsmith_{f.number}(2, args);\n' for f in self.foreign)
        return (
            f'#include "prog.h"\n{MAIN}{declared}int main(void)\n{{\n\tchar *args[] = {{ "", "1", NULL }};\n'
            f'\tfor (unsigned i = 0; i < {self.rounds}; i++) {{\n{runs}\t}}\n{last}\t(void)args;\n\treturn 0;\n}}\n'
        )

    def files(self):
        """Name -> text, all sources of this version."""
        files = {'prog.h': HEADER + ''.join(f.header(self) for f in self.features)}
        files[f'main.{self.suffix}'] = self.main_text()
        for u in range(self.nunits):
            files[f'unit{u}.{self.suffix}'] = self.unit_text(u)
        for f in self.foreign:
            files[f'foreign{f.number}.c'] = f.text()
        return files

    # ---- edits --------------------------------------------------------------------------------------------------

    def next_version(self, rng):
        """A copy with one to three edits, most of them inside a feature."""
        new = copy.deepcopy(self)
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            new.edit(rng)
        return new

    def edit(self, rng):
        kind = rng.random()
        if self.foreign and kind < 0.5:
            rng.choice(self.foreign).edit(rng)
        elif kind < 0.70 and self.features:
            feature = rng.choice(self.features)
            feature.edit(self, rng)
        elif kind < 0.80:
            self.add(rng)
        elif kind < 0.86 and len(self.features) > 2:
            local = [f for f in self.features if f.static]
            self.features.remove(rng.choice(local if local and rng.random() < 0.8 else self.features))
        elif kind < 0.90:
            self.edit_signature(rng)
        elif kind < 0.93:
            self.edit_attribute(rng)
        elif kind < 0.96:
            rng.shuffle(self.features)
        else:
            self.blank[rng.randrange(self.nunits)] += rng.randrange(1, 5)

    def edit_signature(self, rng):
        feature = rng.choice(self.features)
        feature.extra = feature.extra % 2 + 1
        if feature.uses_extra:
            feature.p['tree'] = ['+', feature.p['tree'], ['v', 'y0']]

    def edit_attribute(self, rng):
        feature = rng.choice(self.features)
        feature.attribute = '' if feature.attribute else '__attribute__((noinline)) '
