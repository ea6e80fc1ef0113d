# SPDX-License-Identifier: GPL-3.0-or-later
"""The constructs of C, one class each: see program.Feature."""

import expression
from program import Feature

WORDS = ['alpha', 'beta', 'gamma', 'delta', 'a longer text', 'longer text', 'text', 'x', '', 'tail of it', 'it']
TYPES = ['unsigned char', 'short', 'int', 'long', 'unsigned long long']


def numbers(rng, n, top=1000):
    return [rng.randrange(top) for _ in range(n)]


def listed(values):
    return ', '.join(str(v) for v in values)


def quoted(words):
    return ', '.join(f'"{w}"' for w in words)


def body(head, *lines):
    return head + '\n{\n' + ''.join(f'\t{line}\n' for line in lines) + '}\n'


class Plain(Feature):
    uses_extra = True

    def init(self, program, rng):
        self.p = {'tree': expression.make(rng, 3, ['x'], self.callees(program))}

    def edit(self, program, rng):
        expression.mutate(rng, self.p['tree'])

    def code(self, program):
        return body(self.head(), f'return {program.text(self.p["tree"])};')


class Statics(Feature):
    """Static locals: counters, an array, a text. Some have the names that other features use, too."""

    def init(self, program, rng):
        self.p = {
            'counters': [[n, rng.randrange(9), rng.choice(TYPES)] for n in ('n', 'last', 'sum')[: rng.randrange(1, 4)]],
            'tree': expression.make(rng, 2, ['x'], self.callees(program)),
            'words': rng.sample(WORDS, 2),
        }

    def edit(self, program, rng):
        counters = self.p['counters']
        kind = rng.randrange(5)
        if kind == 0:
            counters.insert(
                rng.randrange(len(counters) + 1), [f'more{len(counters)}', rng.randrange(5), rng.choice(TYPES)]
            )
        elif kind == 1 and len(counters) > 1:
            counters.pop(rng.randrange(len(counters)))
        elif kind == 2:
            rng.shuffle(counters)
        elif kind == 3 and rng.random() < 0.15:
            counters[0][1] += 1
        else:
            expression.mutate(rng, self.p['tree'])

    def code(self, program):
        lines = [f'static {t} {n} = {v};' for n, v, t in self.p['counters']]
        lines += [
            f'{n} += (unsigned)({program.text(self.p["tree"])}) & {31 + i}u;'
            for i, (n, v, t) in enumerate(self.p['counters'])
        ]
        lines += [f'static const char *text = "{self.p["words"][0]}";', f'if (x & 1) text = "{self.p["words"][1]}";']
        lines += ['return (unsigned)(strlen(text) + ' + ' + '.join(f'3 * {n}' for n, v, t in self.p['counters']) + ');']
        return body(self.head(), *lines)


class Twice(Feature):
    """One name of a static local in two blocks, and in a nested function."""

    def init(self, program, rng):
        self.p = {'a': numbers(rng, 2, 9), 'nested': rng.random() < 0.5, 'tree': expression.make(rng, 2, ['x'])}

    def edit(self, program, rng):
        kind = rng.randrange(3)
        if kind == 0:
            self.p['nested'] = not self.p['nested']
        else:
            expression.mutate(rng, self.p['tree'])

    def code(self, program):
        p = self.p
        nested = (
            [f'unsigned inner(unsigned v) {{ static int n = 5; n += 2; return v * n + x; }}'] if p['nested'] else []
        )
        return body(
            self.head(),
            *nested,
            f'if (x & 1) {{ static int n = {p["a"][0]}; n++; x += n; }}',
            f'else {{ static int n = {p["a"][1]}; n += 3; x ^= n; }}',
            f'return {program.text(p["tree"])}{" + inner(x)" if p["nested"] else ""};',
        )


class Switch(Feature):
    """A dense switch: a jump table, or a table of its values (CSWTCH)."""

    def init(self, program, rng):
        start = rng.randrange(20)
        self.p = {
            'cases': [[start + i, rng.randrange(1000)] for i in range(rng.randrange(5, 12))],
            'how': rng.choice(['return', 'word', 'code']),
            'default': rng.randrange(100),
        }

    def edit(self, program, rng):
        cases = self.p['cases']
        kind = rng.randrange(4)
        if kind == 0:
            cases.append([max(c[0] for c in cases) + 1, rng.randrange(1000)])
        elif kind == 1 and len(cases) > 4:
            cases.pop(rng.randrange(len(cases)))
        elif kind == 2:
            self.p['default'] += 1
        else:
            rng.choice(cases)[1] += 1

    def code(self, program):
        lines = ['unsigned r = x;', f'switch ((x * 3 + opaque) % {len(self.p["cases"]) + 18}u) {{']
        for at, value in self.p['cases']:
            what = {
                'return': f'return {value};',
                'word': f's = "{WORDS[value % len(WORDS)]}"; break;',
                'code': f'r = r {"+-^|&*"[value % 6]} {value}u; break;',
            }[self.p['how']]
            lines.append(f'case {at}: {what}')
        lines.append(f'default: r += {self.p["default"]}; }}')
        if self.p['how'] == 'word':
            return body(
                self.head(), 'const char *s = "none";', *lines, 'return r + (unsigned)strlen(s) + (unsigned char)*s;'
            )
        return body(self.head(), *lines, 'return r;')


class Strings(Feature):
    def init(self, program, rng):
        self.p = {'words': rng.sample(WORDS, 3), 'wide': rng.choice(WORDS), 'at': rng.randrange(3)}

    def edit(self, program, rng):
        if rng.random() < 0.3:
            self.p['wide'] = rng.choice(WORDS)
        else:
            self.p['words'][rng.randrange(3)] = rng.choice(WORDS) + rng.choice(['', '', ' and more'])

    def code(self, program):
        words = self.p['words']
        return body(
            self.head(),
            f'const char *s = x % 3 == {self.p["at"]} ? "{words[0]}" : "{words[1]}";',
            f'const int *w = (const int *)(x & 1 ? L"{self.p["wide"]}" : L"{words[0]}"); unsigned n = 0;',
            f'while (*w) n = n * 7 + *w++;',
            f'printf("%s {words[2]} %u\\n", s, n);',
            f'return (unsigned)strcmp(s, "{words[2]}") > 0;',
        )


class Floats(Feature):
    def init(self, program, rng):
        self.p = {
            'c': [round(rng.random() * 100, 3) for _ in range(4)],
            'n': rng.randrange(4, 20),
            'type': rng.choice(['float', 'double', 'long double']),
        }

    def edit(self, program, rng):
        self.p['c'][rng.randrange(4)] = round(rng.random() * 50, 2)
        if rng.random() < 0.2:
            self.p['n'] += 1

    def code(self, program):
        t, c = self.p['type'], self.p['c']
        return body(
            self.head(),
            f'{t} v[{self.p["n"]}], sum = 0;',
            f'for (int i = 0; i < {self.p["n"]}; i++) v[i] = ({t}){c[0]} * i + (x & 15) * ({t}){c[1]};',
            f'for (int i = 0; i < {self.p["n"]}; i++) sum += v[i] > ({t}){c[2]} ? v[i] : -({t}){c[3]};',
            'return (unsigned)(int)sum;',
        )


class Vector(Feature):
    """Loops that -O3 makes vectors and vector constants of."""

    def init(self, program, rng):
        self.p = {
            'init': numbers(rng, 16, 256),
            'add': rng.randrange(1, 50),
            'tree': expression.make(rng, 2, ['x', 'a[i]']),
        }

    def edit(self, program, rng):
        if rng.random() < 0.4:
            self.p['init'][rng.randrange(16)] += 1
        else:
            expression.mutate(rng, self.p['tree'])

    def code(self, program):
        return body(
            self.head(),
            f'unsigned a[16] = {{ {listed(self.p["init"])} }}, sum = 0;',
            f'for (int i = 0; i < 16; i++) a[i] = a[i] * {self.p["add"]}u + {program.text(self.p["tree"])};',
            'for (int i = 0; i < 16; i++) sum = sum * 31 + a[i];',
            'return sum;',
        )


class Tables(Feature):
    """A constant table that two functions share, one of them calls the other."""

    def init(self, program, rng):
        self.p = {'table': numbers(rng, rng.randrange(3, 9)), 'names': rng.sample(WORDS, 3), 'add': rng.randrange(9)}

    def edit(self, program, rng):
        kind = rng.randrange(4)
        if kind == 0:
            self.p['table'][rng.randrange(len(self.p['table']))] += 1
        elif kind == 1:
            self.p['table'].append(rng.randrange(1000))
        elif kind == 2:
            self.p['names'][rng.randrange(3)] = rng.choice(WORDS)
        else:
            self.p['add'] += 1

    def code(self, program):
        n = len(self.p['table'])
        return (
            f'static const int table_{self.number}[{n}] = {{ {listed(self.p["table"])} }};\n'
            f'static const char *const names_{self.number}[] = {{ {quoted(self.p["names"])} }};\n'
            + body(
                f'__attribute__((noinline)) static unsigned look_{self.number}(unsigned i)',
                f'return table_{self.number}[i % {n}];',
            )
            + body(
                self.head(),
                f'unsigned sum = {self.p["add"]};',
                f'for (unsigned i = 0; i < {n}; i++) sum += table_{self.number}[i] * (i + 1);',
                f'return sum + look_{self.number}(x) + (unsigned char)names_{self.number}[x % 3][0];',
            )
        )


class Rows(Feature):
    """A table that is not declared const: walked by a pointer, perhaps by way of another table, perhaps written."""

    def init(self, program, rng):
        self.p = {
            'rows': [[rng.choice(WORDS), rng.randrange(100), 1] for _ in range(rng.randrange(2, 6))],
            'column': False,
            'held': rng.random() < 0.3,
            'written': rng.random() < 0.3,
            'add': rng.randrange(9),
        }

    def edit(self, program, rng):
        kind = rng.randrange(5)
        if self.p['written'] or kind == 0:
            self.p['add'] += 1
        elif kind == 1:
            rng.choice(self.p['rows'])[1] += 1
        elif kind == 2:
            self.p['rows'].insert(rng.randrange(len(self.p['rows']) + 1), [rng.choice(WORDS), rng.randrange(100), 1])
        elif kind == 3:
            rng.choice(self.p['rows'])[0] = rng.choice(WORDS)
        else:
            self.p['column'] = True
            rng.choice(self.p['rows'])[2] += 1

    def code(self, program):
        k, factor = self.number, self.p['column']
        rows = ', '.join(f'{{ "{r[0]}", {r[1]}{f", {r[2]}" if factor else ""} }}' for r in self.p['rows'])
        holder = f'static struct {{ struct item_{k} *rows; }} groups_{k}[] = {{ {{ listing_{k} }} }};\n'
        start = f'groups_{k}[x % 1].rows' if self.p['held'] else f'listing_{k}'
        return (
            f'struct item_{k} {{ const char *name; unsigned value{", factor" if factor else ""}; }};\n'
            f'static struct item_{k} listing_{k}[] = {{ {rows}, {{ 0 }} }};\n'
            + (holder if self.p['held'] else '')
            + body(
                f'__attribute__((noinline)) static struct item_{k} *item_{k}(struct item_{k} *r, unsigned n)',
                'while (n-- && r[1].name) r++;',
                'return r;',
            )
            + body(
                self.head(),
                f'unsigned sum = {self.p["add"]};',
                f'struct item_{k} *found = item_{k}({start}, x % 7);',
                f'for (struct item_{k} *r = {start}; r->name; r++)',
                f'\tsum += r->value{" * r->factor" if factor else ""} + (unsigned char)*r->name;',
                'found->value += x;' if self.p['written'] else '',
                'return sum + found->value;',
            )
        )


class Pointers(Feature):
    """A table of functions, called through it; old and new code compare addresses."""

    def init(self, program, rng):
        self.p = {
            'trees': [expression.make(rng, 2, ['v']) for _ in range(3)],
            'order': [0, 1, 2],
            'const': rng.random() < 0.7,
        }

    def edit(self, program, rng):
        kind = rng.randrange(6)
        if kind == 0 and self.p['const']:
            rng.shuffle(self.p['order'])
        elif kind == 1 and self.p['const']:
            self.p['trees'].append(expression.make(rng, 1, ['v']))
            self.p['order'].append(len(self.p['trees']) - 1)
        else:
            expression.mutate(rng, rng.choice(self.p['trees']))

    def code(self, program):
        k, n = self.number, len(self.p['order'])
        functions = ''.join(
            body(f'static unsigned way{i}_{k}(unsigned v)', f'return {program.text(t)};')
            for i, t in enumerate(self.p['trees'])
        )
        table = (
            f'static unsigned (*{"const " if self.p["const"] else ""}ways_{k}[{n}])(unsigned) = '
            f'{{ {", ".join(f"way{i}_{k}" for i in self.p["order"])} }};\n'
        )
        return (
            functions
            + table
            + body(
                self.head(),
                f'static unsigned (*last)(unsigned) = way0_{k};',
                f'unsigned (*way)(unsigned) = ways_{k}[x % {n}];',
                'unsigned same = way == last;',
                'last = way;',
                f'return way(x) + same + (way == way1_{k}) * 2;',
            )
        )


class Goto(Feature):
    """Computed goto: a table of labels."""

    def init(self, program, rng):
        self.p = {'steps': [rng.randrange(100) for _ in range(4)], 'start': rng.randrange(4)}

    def edit(self, program, rng):
        if rng.random() < 0.3:
            self.p['steps'].append(rng.randrange(50))
        else:
            self.p['steps'][rng.randrange(len(self.p['steps']))] += 1

    def code(self, program):
        n = len(self.p['steps'])
        labels = ', '.join(f'&&l{i}' for i in range(n))
        lines = [
            f'static void *const go[] = {{ {labels} }};',
            'unsigned r = x, left = 6;',
            f'goto *go[(x + {self.p["start"]}) % {n}];',
        ]
        for i, step in enumerate(self.p['steps']):
            lines.append(f'l{i}: r = r * 3 + {step}; if (!left--) return r; goto *go[(r >> 3) % {n}];')
        return body(self.head(), *lines)


class Variadic(Feature):
    def init(self, program, rng):
        self.p = {'args': numbers(rng, 4), 'mul': rng.randrange(1, 9)}

    def edit(self, program, rng):
        if rng.random() < 0.4:
            self.p['args'].append(rng.randrange(99))
        else:
            self.p['mul'] += 1

    def code(self, program):
        k = self.number
        return (
            '#include <stdarg.h>\n'
            + body(
                f'static unsigned sum_{k}(unsigned n, ...)',
                'va_list ap; unsigned s = 0;',
                'va_start(ap, n);',
                f'while (n--) s = s * {self.p["mul"]} + va_arg(ap, unsigned);',
                'va_end(ap); return s;',
            )
            + body(
                self.head(),
                f'return sum_{k}({len(self.p["args"]) + 1}, {", ".join(f"{a}u" for a in self.p["args"])}, x);',
            )
        )


class ByValue(Feature):
    """Structs by value, and a pointer to one whose function may become a clone (isra)."""

    def init(self, program, rng):
        self.p = {
            'fields': numbers(rng, 4, 99),
            'tree': expression.make(rng, 2, ['p->a', 'p->b', 'p->c']),
            'big': rng.randrange(1, 12),
        }

    def edit(self, program, rng):
        kind = rng.randrange(3)
        if kind == 0:
            self.p['fields'][rng.randrange(4)] += 1
        elif kind == 1:
            self.p['big'] += 1
        else:
            expression.mutate(rng, self.p['tree'])

    def code(self, program):
        k, f = self.number, self.p['fields']
        return (
            f'struct part_{k} {{ unsigned a, b, c, d; unsigned rest[{self.p["big"]}]; }};\n'
            + body(
                f'__attribute__((noinline)) static struct part_{k} make_{k}(unsigned x)',
                f'struct part_{k} p = {{ x, {f[0]}, x * {f[1]}, {f[2]}, {{ x + 1 }} }};',
                'return p;',
            )
            + body(
                f'__attribute__((noinline)) static unsigned use_{k}(const struct part_{k} *p)',
                f'return {program.text(self.p["tree"])};',
            )
            + body(f'static unsigned all_{k}(struct part_{k} p)', f'return p.d + p.rest[0] + {f[3]};')
            + body(self.head(), f'struct part_{k} p = make_{k}(x);', f'return use_{k}(&p) * 7 + all_{k}(p);')
        )


class Tls(Feature):
    def init(self, program, rng):
        self.p = {
            'value': rng.randrange(5),
            'tree': expression.make(rng, 2, ['x', 't']),
            'twice': False,
            'extern': rng.random() < 0.4,
            'more': False,
        }

    def edit(self, program, rng):
        if rng.random() < 0.05:
            self.p['value'] += 1
        elif rng.random() < 0.2:
            self.p['twice'] = not self.p['twice']
        elif rng.random() < 0.3:
            self.p['more'] = not self.p['more']
        else:
            expression.mutate(rng, self.p['tree'])

    def code(self, program):
        k, static, value = self.number, '' if self.p['extern'] else 'static ', self.p['value']
        more = f'{static}__thread unsigned more_{k};\n' if self.p['more'] else ''
        lines = [f'unsigned t = thread_{k};', f'thread_{k} += (unsigned)({program.text(self.p["tree"])}) & 15;']
        if more:
            lines.append(f't += more_{k}++ + x % 5;')
        return (
            f'{static}__thread unsigned thread_{k}{f" = {value}" if value > 1 else ""};\n'
            + more
            + body(self.head(), *lines, *lines[1:] * self.p['twice'], f'return thread_{k} * 3 + t;')
        )


class Jump(Feature):
    def init(self, program, rng):
        self.p = {'at': rng.randrange(4), 'back': rng.randrange(1, 99), 'n': rng.randrange(8, 40)}

    def edit(self, program, rng):
        self.p[rng.choice(['back', 'n'])] += 1

    def code(self, program):
        k = self.number
        return (
            '#include <setjmp.h>\n'
            + f'static jmp_buf back_{k};\n'
            + body(
                f'__attribute__((noinline)) static unsigned deep_{k}(unsigned n)',
                f'if (n == {self.p["at"]}) longjmp(back_{k}, {self.p["back"]});',
                f'return n ? deep_{k}(n - 1) + 1 : 1;',
            )
            + body(
                self.head(),
                f'volatile unsigned kept = x; char *room = __builtin_alloca((x & 15) + {self.p["n"]});',
                f'memset(room, {self.p["n"]}, (x & 15) + 1);',
                f'int r = setjmp(back_{k});',
                f'if (r) return r + kept + room[0];',
                f'return deep_{k}(x & 7) + room[x & 15 & 0];',
            )
        )


class Cold(Feature):
    """An unlikely path: a .cold part, and functions that do not return."""

    def init(self, program, rng):
        self.p = {
            'limit': rng.randrange(10, 40),
            'code': rng.randrange(9),
            'cold': True,
            'tree': expression.make(rng, 2, ['x']),
        }

    def edit(self, program, rng):
        kind = rng.randrange(4)
        if kind == 0:
            self.p['cold'] = not self.p['cold']
        elif kind == 1:
            self.p['code'] += 1
        elif kind == 2:
            self.p['limit'] += 2
        else:
            expression.mutate(rng, self.p['tree'])

    def code(self, program):
        k, p = self.number, self.p
        cold = [f'if (__builtin_expect(x % 64 > {p["limit"]}, 0)) return odd_{k}(x) + {p["code"]};'] * p['cold']
        return body(
            f'__attribute__((cold, noinline)) static unsigned odd_{k}(unsigned x)',
            f'printf("odd %u {p["code"]}\\n", x); return x ^ {p["limit"]};',
        ) * p['cold'] + body(
            self.head(),
            *cold,
            f'if (__builtin_expect(x == 0xfffffff1u, 0)) {{ puts("never {p["code"]}"); abort(); }}',
            f'return {program.text(p["tree"])};',
        )


class Recursive(Feature):
    def init(self, program, rng):
        self.p = {'tree': expression.make(rng, 2, ['n', 'x']), 'tail': rng.random() < 0.4}

    def edit(self, program, rng):
        expression.mutate(rng, self.p['tree'])

    def code(self, program):
        k, step = self.number, program.text(self.p['tree'])
        line = f'return n ? down_{k}(n - 1, x) + {step} : x;'
        if self.p['tail']:
            line = f'return n ? down_{k}(n - 1, {step}) : x;'
        return body(f'static unsigned down_{k}(unsigned n, unsigned x)', line) + body(
            self.head(), f'return down_{k}(x & 7, x);'
        )


class Asserts(Feature):
    """__LINE__ in asserts, and __func__. A value of __LINE__ that is printed would differ: a moved line is no change."""

    def init(self, program, rng):
        self.p = {
            'lines': 0,
            'odd': rng.randrange(1 << 20, 1 << 21),
            'name': rng.random() < 0.5,
            'add': rng.randrange(99),
            'print': rng.random() < 0,
        }

    def edit(self, program, rng):
        self.p[rng.choice(['lines', 'add', 'odd'])] += 1

    def code(self, program):
        return (
            '#include <assert.h>\n'
            + '\n' * self.p['lines']
            + body(
                self.head(),
                f'assert(x != {self.p["odd"]}u);',
                f'unsigned n = x + {self.p["add"]};',
                *[f'n += (unsigned)strlen(__func__);'] * self.p['name'],
                *['n += __LINE__;'] * self.p['print'],
                f'assert(n != {self.p["odd"]}u);',
                'return n;',
            )
        )


IMPORTS = [
    ('toupper((int)(x & 127))', 'ctype.h'),
    ('atoi("{w}7")', 'stdlib.h'),
    ('labs((long)x - 100)', 'stdlib.h'),
    ('strchr("{w}", x & 1 ? 0 : 116) != NULL', 'string.h'),
    ('strspn("{w}", "ablet")', 'string.h'),
    ('ffs((int)x)', 'strings.h'),
    ('strtoul("{w}3f", NULL, 16)', 'stdlib.h'),
    ('strcasecmp("{w}", "TEXT") > 0', 'strings.h'),
    ('(getenv("HP_NO_SUCH") != NULL)', 'stdlib.h'),
    ('(stdout != NULL)', 'stdio.h'),
    ('(optarg != NULL) + opterr', 'unistd.h'),
]


class Imports(Feature):
    """Functions and variables of libc, and such as nobody used before."""

    def init(self, program, rng):
        self.p = {'use': [rng.randrange(len(IMPORTS)) for _ in range(2)], 'word': rng.choice(WORDS)}

    def edit(self, program, rng):
        if rng.random() < 0.3 and len(self.p['use']) > 1:
            self.p['use'].pop()
        else:
            self.p['use'].append(rng.randrange(len(IMPORTS)))

    def code(self, program):
        lines = [f'r = r * 5 + (unsigned)({IMPORTS[i][0].format(w=self.p["word"])});' for i in self.p['use']]
        return ''.join(f'#include <{IMPORTS[i][1]}>\n' for i in self.p['use']) + body(
            self.head(), 'unsigned r = x;', *lines, 'return r;'
        )


class Callback(Feature):
    """Old -> libc -> new -> old."""

    def init(self, program, rng):
        self.p = {'values': numbers(rng, 6), 'down': rng.random() < 0.5, 'key': rng.randrange(1, 60)}

    def edit(self, program, rng):
        if rng.random() < 0.5:
            self.p['down'] = not self.p['down']
        else:
            self.p['key'] += 1

    def code(self, program):
        k, p = self.number, self.p
        return body(
            f'static int order_{k}(const void *a, const void *b)',
            f'int x = *(const int *)a % {p["key"]}, y = *(const int *)b % {p["key"]};',
            f'return {"y - x" if p["down"] else "x - y"};',
        ) + body(
            self.head(),
            f'int v[] = {{ {listed(p["values"])} }}; unsigned s = x;',
            f'qsort(v, {len(p["values"])}, sizeof *v, order_{k});',
            f'for (int i = 0; i < {len(p["values"])}; i++) s = s * 7 + v[i];',
            'return s;',
        )


class Shared(Feature):
    """A variable and a constant array that all units see; COMMON, weak, hidden."""

    def init(self, program, rng):
        self.p = {
            'value': rng.randrange(50),
            'attr': rng.choice(['', '', '__attribute__((weak)) ', '__attribute__((visibility("hidden"))) ']),
            'array': numbers(rng, 4),
            'tree': expression.make(rng, 2, ['x', 'value']),
        }

    def edit(self, program, rng):
        kind = rng.random()
        if kind < 0.04:
            self.p['value'] += 1
        elif kind < 0.2:
            self.p['array'][rng.randrange(4)] += 1
        else:
            expression.mutate(rng, self.p['tree'])

    def header(self, program):
        k = self.number
        return (
            super().header(program) + f'extern {self.p["attr"]}unsigned common_{k};\nextern const int shown_{k}[4];\n'
        )

    def can_touch(self, other):
        """Every second unit may be of a library, which keeps what is hidden to itself."""
        return 'hidden' not in other.p['attr'] or (other.unit - self.unit) % 2 == 0

    def code(self, program):
        k, value = self.number, self.p['value']
        others = [f for f in program.features if isinstance(f, Shared) and f is not self and self.can_touch(f)]
        touch = [f'common_{f.number} += {self.p["array"][0] & 7}; x += shown_{f.number}[x & 3];' for f in others[:2]]
        return (
            f'unsigned common_{k}{f" = {value}" if value > 10 else ""};\n'
            f'const int shown_{k}[4] = {{ {listed(self.p["array"])} }};\n'
            + body(
                self.head(),
                f'unsigned value = common_{k};',
                *touch,
                f'common_{k} = {program.text(self.p["tree"])};',
                f'return common_{k} + shown_{k}[x & 3];',
            )
        )


class NewData(Feature):
    """File-scope variables of the feature's own, more with every edit; pointers among them."""

    def init(self, program, rng):
        self.p = {'vars': [rng.randrange(3)], 'mul': rng.randrange(1, 9)}

    def edit(self, program, rng):
        if rng.random() < 0.6:
            self.p['vars'].append(rng.randrange(3) + 3 * len(self.p['vars']))
        else:
            self.p['mul'] += 1

    def code(self, program):
        k, names = self.number, []
        text = ''
        for i, v in enumerate(self.p['vars']):
            names.append(f'v{i}_{k}')
            text += [
                f'static unsigned v{i}_{k};\n',
                f'static unsigned v{i}_{k} = {v};\n',
                f'static unsigned z{i}_{k} = {v}, *v{i}_{k} = &z{i}_{k};\n',
            ][v % 3]
        uses = [f'{"*" if v % 3 == 2 else ""}{n}' for v, n in zip(self.p['vars'], names)]
        return text + body(
            self.head(),
            *[f'{u} += x & {i + 1}u;' for i, u in enumerate(uses)],
            f'return {self.p["mul"]}u * ({" + ".join(uses)});',
        )


class Helpers(Feature):
    """Static functions of one name in several files: `step` and `mix`, once per unit."""

    def init(self, program, rng):
        self.p = {'trees': [expression.make(rng, 2, ['v', 'w']) for _ in range(2)], 'inline': rng.random() < 0.5}

    def edit(self, program, rng):
        expression.mutate(rng, rng.choice(self.p['trees']))

    def code(self, program):
        first = not any(
            isinstance(f, Helpers) and f.unit == self.unit and f.number < self.number for f in program.features
        )
        noinline = '' if self.p['inline'] else '__attribute__((noinline)) '
        names = ('step', 'mix') if first else (f'step_{self.number}', f'mix_{self.number}')
        return ''.join(
            body(
                f'{noinline}static unsigned {n}(unsigned v, unsigned w)',
                'static unsigned count;',
                f'count += v & 3; return count + {program.text(t)};',
            )
            for n, t in zip(names, self.p['trees'])
        ) + body(self.head(), f'return {names[0]}(x, 5) + {names[1]}(opaque, x) + {names[1]}(7, x);')


class Alias(Feature):
    """A global with a weak alias; an unchanged caller uses both names."""

    linkage = False

    def init(self, program, rng):
        self.p = {'tree': expression.make(rng, 2, ['x'])}

    def edit(self, program, rng):
        expression.mutate(rng, self.p['tree'])

    def header(self, program):
        return (
            super().header(program)
            + f'unsigned also_{self.number}(unsigned);\nunsigned base_{self.number}(unsigned);\n'
        )

    def code(self, program):
        k = self.number
        return (
            body(f'unsigned base_{k}(unsigned x)', f'return {program.text(self.p["tree"])};')
            + f'extern unsigned also_{k}(unsigned) __attribute__((weak, alias("base_{k}")));\n'
            + body(self.head(), f'return also_{k}(x) + 3 * base_{k}(x + 1);')
        )


class Copies(Feature):
    """A large initialiser of a local: copied from a nameless constant."""

    def init(self, program, rng):
        self.p = {'values': numbers(rng, rng.randrange(12, 40)), 'words': rng.sample(WORDS, 3)}

    def edit(self, program, rng):
        if rng.random() < 0.7:
            self.p['values'][rng.randrange(len(self.p['values']))] += 1
        else:
            self.p['words'][rng.randrange(3)] = rng.choice(WORDS)

    def code(self, program):
        n = len(self.p['values'])
        return body(
            self.head(),
            f'long v[{n}] = {{ {listed(self.p["values"])} }};',
            f'const char *w[] = {{ {quoted(self.p["words"])} }};',
            f'volatile unsigned at = x; v[at % {n}] += 1;',
            'unsigned s = 0;',
            f'for (int i = 0; i < {n}; i++) s = s * 3 + (unsigned)v[i];',
            'return s + (unsigned)strlen(w[at % 3]);',
        )


KINDS = [
    Plain,
    Plain,
    Plain,
    Statics,
    Statics,
    Twice,
    Switch,
    Switch,
    Strings,
    Floats,
    Vector,
    Tables,
    Rows,
    Pointers,
    Goto,
    Variadic,
    ByValue,
    Tls,
    Jump,
    Cold,
    Recursive,
    Asserts,
    Imports,
    Callback,
    Shared,
    NewData,
    Helpers,
    Alias,
    Copies,
]
