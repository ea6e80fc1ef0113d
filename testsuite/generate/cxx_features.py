# SPDX-License-Identifier: GPL-3.0-or-later
"""The constructs of C++, one class each: see program.Feature. Some of C come along."""

import c_features
import expression
from c_features import WORDS, body, listed, numbers, quoted
from program import Feature, Program

# What a text uses -> header. Only what is used is included: most of the time goes into reading headers.
INCLUDES = {
    'std::sort': 'algorithm',
    'co_yield': 'coroutine',
    'std::function': 'functional',
    'std::map': 'map',
    'std::unique_ptr': 'memory',
    'std::exception': 'stdexcept',
    'std::string': 'string',
    'typeid': 'typeinfo',
    'std::vector': 'vector',
}


def with_includes(text):
    return ''.join(f'#include <{name}>\n' for use, name in INCLUDES.items() if use in text) + text


class Virtual(Feature):
    """A hierarchy in the header, called through pointers to its bases; some methods are inline, some in the unit."""

    def init(self, program, rng):
        self.p = {
            'trees': [expression.make(rng, 2, ['v', 'state']) for _ in range(3)],
            'inline': rng.random() < 0.5,
            'extra': False,
            'multiple': rng.random() < 0.5,
            'virtual': rng.random() < 0.3,
        }

    def edit(self, program, rng):
        kind = rng.randrange(8)
        if kind == 0:
            self.p['extra'] = not self.p['extra']
        elif kind == 1 and rng.random() < 0.2:
            self.p['inline'] = not self.p['inline']
        else:
            expression.mutate(rng, rng.choice(self.p['trees']))

    def header(self, program):
        k, p, text = self.number, self.p, program.text
        second = f', public {"virtual " if p["virtual"] else ""}Other{k}' * p['multiple']
        extra = f'\tunsigned extra(unsigned v) const {{ return v * 3 + state; }}\n' * p['extra']
        inline = f' {{ return {text(p["trees"][1])}; }}' if p['inline'] else ';'
        return (
            super().header(program) + f'struct Base{k} {{\n\tunsigned state = 4;\n\tvirtual ~Base{k}() {{}}\n'
            f'\tvirtual unsigned first(unsigned v) {{ return {text(p["trees"][0])}; }}\n'
            f'\tvirtual unsigned second(unsigned v) = 0;\n}};\n'
            f'struct Other{k} {{\n\tunsigned more = 6;\n\tvirtual ~Other{k}() {{}}\n'
            f'\tvirtual unsigned third(unsigned v) {{ return v + more; }}\n}};\n'
            f'struct Derived{k} : {"virtual " if p["virtual"] else ""}Base{k}{second} {{\n'
            f'{extra}\tunsigned second(unsigned v) override{inline}\n'
            f'\tunsigned third(unsigned v){" override" if p["multiple"] else ""};\n}};\n'
        )

    def code(self, program):
        k, p, text = self.number, self.p, program.text
        outside = f'unsigned Derived{k}::second(unsigned v) {{ return {text(p["trees"][1])}; }}\n' * (not p['inline'])
        other = f'Other{k} *o = dynamic_cast<Other{k} *>(b.get());'
        return (
            outside
            + f'unsigned Derived{k}::third(unsigned v) {{ return {text(p["trees"][2])}; }}\n'
            + body(
                self.head(),
                f'std::unique_ptr<Base{k}> b(new Derived{k}); {other}',
                f'unsigned r = b->first(x) * 3 + b->second(x) + (o ? o->third(x) : 1);',
                *[f'r += static_cast<Derived{k} *>(b.get())->extra(x);'] * (p['extra'] and not p['virtual']),
                f'return r + (typeid(*b) == typeid(Derived{k}));',
            )
        )


class Template(Feature):
    """A function template and a class template of the header, instantiated in every unit that has one of these."""

    def init(self, program, rng):
        self.p = {
            'tree': expression.make(rng, 2, ['v', 'N']),
            'args': rng.sample(range(9), 2),
            'member': rng.randrange(9),
        }

    def edit(self, program, rng):
        kind = rng.randrange(4)
        if kind == 0:
            self.p['args'].append(rng.randrange(9, 30))
        elif kind == 1:
            self.p['member'] += 1
        else:
            expression.mutate(rng, self.p['tree'])

    def header(self, program):
        k = self.number
        return (
            super().header(program)
            + f'template <unsigned N, typename T> T scale{k}(T v) {{ static unsigned used; used++; '
            f'return (T)({program.text(self.p["tree"])}) + used; }}\n'
            f'template <typename T> struct Box{k} {{ T held; unsigned get() const {{ '
            f'return (unsigned)held * {self.p["member"]}u; }} }};\n'
        )

    def code(self, program):
        k = self.number
        others = [f for f in program.features if isinstance(f, Template) and f is not self][:1]
        sums = [f'r += scale{k}<{n}u, {t}>(x);' for n in self.p['args'] for t in ('unsigned', 'unsigned short')]
        sums += [f'r ^= scale{f.number}<{f.p["args"][0]}u, unsigned>(x);' for f in others]
        return body(
            self.head(),
            'unsigned r = 0;',
            *sums,
            f'Box{k}<short> s{{ (short)x }}; Box{k}<double> d{{ 2.5 }};',
            'return r + s.get() + d.get();',
        )


class Throw(Feature):
    """Exceptions thrown, caught and rethrown through several functions with cleanups."""

    def init(self, program, rng):
        self.p = {
            'odd': rng.randrange(1, 5),
            'word': rng.choice(WORDS),
            'add': rng.randrange(99),
            'rethrow': rng.random() < 0.5,
            'types': ['int', 'runtime'],
        }

    def edit(self, program, rng):
        kind = rng.randrange(6)
        if kind == 0:
            self.p['rethrow'] = not self.p['rethrow']
        elif kind == 1:
            self.p['types'] = self.p['types'][:2] + ['own'] * (len(self.p['types']) == 2)
        elif kind == 2:
            self.p['word'] = rng.choice(WORDS)
        else:
            self.p[rng.choice(['odd', 'add'])] += 1

    def code(self, program):
        k, p = self.number, self.p
        own = f'struct Own{k} {{ unsigned v; }};\n' * ('own' in p['types'])
        throws = [
            f'if (x % {p["odd"] + 2} == 0) throw (int)(x + {p["add"]});',
            f'if (x % {p["odd"] + 3} == 1) throw std::runtime_error("{p["word"]}");',
        ]
        throws += [f'if (x % {p["odd"] + 4} == 2) throw Own{k}{{ x }};'] * ('own' in p['types'])
        catches = [
            f'catch (int i) {{ r += i; {"throw;" * p["rethrow"]} }}',
            'catch (const std::exception &e) { r += std::string(e.what()).size(); }',
        ]
        catches += [f'catch (const Own{k} &o) {{ r += o.v * 2; }}'] * ('own' in p['types'])
        return (
            own
            + f'struct Count{k} {{ unsigned &n; ~Count{k}() {{ n += 7; }} }};\n'
            + body(f'__attribute__((noinline)) static unsigned raise_{k}(unsigned x)', *throws, 'return x;')
            + body(
                f'__attribute__((noinline)) static unsigned through_{k}(unsigned x, unsigned &n)',
                f'Count{k} c{{ n }};',
                f'return raise_{k}(x) + 1;',
            )
            + body(
                f'static unsigned inner_{k}(unsigned x)',
                'unsigned r = 0;',
                f'try {{ r = through_{k}(x, r); }}',
                *catches,
                'return r;',
            )
            + body(self.head(), f'try {{ return inner_{k}(x); }}', f'catch (int i) {{ return i + {p["add"]}u; }}')
        )


class Lambda(Feature):
    def init(self, program, rng):
        self.p = {
            'trees': [expression.make(rng, 2, ['v', 'x']) for _ in range(2)],
            'order': 0,
            'values': numbers(rng, 5),
        }

    def edit(self, program, rng):
        kind = rng.randrange(5)
        if kind == 0:
            self.p['order'] ^= 1
        elif kind == 1:
            self.p['trees'].insert(0, expression.make(rng, 2, ['v', 'x']))
        else:
            expression.mutate(rng, rng.choice(self.p['trees']))

    def code(self, program):
        n = len(self.p['trees'])
        lines = [
            f'auto f{i} = [x{", &count" * (i % 2)}](unsigned v) {{ {"count++; " * (i % 2)}return {program.text(t)}; }};'
            for i, t in enumerate(self.p['trees'])
        ]
        compare = 'a < b' if self.p['order'] else 'a % 7 > b % 7 || (a % 7 == b % 7 && a < b)'
        return body(
            self.head(),
            'unsigned count = 0, r = 0;',
            *lines,
            f'std::function<unsigned(unsigned)> chosen = f0; if (x & 1) chosen = f{n - 1};',
            f'std::vector<unsigned> v {{ {listed(f"{n}u" for n in self.p["values"])} }};',
            f'std::sort(v.begin(), v.end(), [](unsigned a, unsigned b) {{ return {compare}; }});',
            'for (unsigned i : v) r = r * 3 + chosen(i);',
            'return r + count;',
        )


class Guard(Feature):
    """Static locals that are made on first use."""

    def init(self, program, rng):
        self.p = {'words': rng.sample(WORDS, 2), 'more': 0, 'tree': expression.make(rng, 1, ['x', 'n'])}

    def edit(self, program, rng):
        kind = rng.randrange(4)
        if kind == 0:
            self.p['more'] = (self.p['more'] + 1) % 3
        elif kind == 1:
            self.p['words'][0] = rng.choice(WORDS)
        else:
            expression.mutate(rng, self.p['tree'])

    def code(self, program):
        more = [
            f'static std::vector<unsigned> more{i}(3, x); more{i}[0]++; ' f'n += more{i}[0];'
            for i in range(self.p['more'])
        ]
        return body(
            self.head(),
            'unsigned n = opaque;',
            *more,
            f'static std::string s = x ? "{self.p["words"][0]}" : "{self.p["words"][1]}";',
            's += "a";',
            f'return n + (unsigned)s.size() + {program.text(self.p["tree"])};',
        )


class Inline(Feature):
    """An inline function with a static variable, and an inline variable, in the header; every unit calls it."""

    def init(self, program, rng):
        self.p = {'tree': expression.make(rng, 2, ['v']), 'start': rng.randrange(9), 'add': rng.randrange(9)}

    def edit(self, program, rng):
        if rng.random() < 0.3:
            self.p['add'] += 1
        else:
            expression.mutate(rng, self.p['tree'])

    def header(self, program):
        k = self.number
        return (
            super().header(program)
            + f'inline unsigned kept{k} = {self.p["start"]};\n'
            + body(
                f'inline unsigned every{k}(unsigned v)',
                f'static unsigned calls = {self.p["start"]}; calls++; kept{k} += v & 3;',
                f'return calls + {program.text(self.p["tree"])};',
            )
        )

    def code(self, program):
        others = [f for f in program.features if isinstance(f, Inline)]
        return body(
            self.head(),
            f'unsigned r = {self.p["add"]};',
            *[f'r += every{f.number}(x) + kept{f.number};' for f in others],
            'return r;',
        )


class Containers(Feature):
    """Templates of the C++ library."""

    def init(self, program, rng):
        self.p = {'values': numbers(rng, 5), 'words': rng.sample(WORDS, 3), 'map': rng.random() < 0.5}

    def edit(self, program, rng):
        kind = rng.randrange(3)
        if kind == 0:
            self.p['map'] = not self.p['map']
        elif kind == 1:
            self.p['words'][rng.randrange(3)] = rng.choice(WORDS)
        else:
            self.p['values'][rng.randrange(5)] += 1

    def code(self, program):
        lines = [
            'std::map<std::string, unsigned> m;',
            *[f'm["{w}"] += {v}u;' for w, v in zip(self.p['words'], self.p['values'])],
            'for (const auto &e : m) r = r * 31 + e.first.size() * e.second;',
        ] * self.p['map']
        return body(
            self.head(),
            'unsigned r = x;',
            *lines,
            f'std::vector<std::string> v {{ {quoted(self.p["words"])} }};',
            'std::sort(v.begin(), v.end());',
            'for (const auto &s : v) r = r * 7 + (s.empty() ? 1 : s[0]);',
            'return r;',
        )


class Namespace(Feature):
    """Functions, variables and classes of one name, in the nameless namespaces of several units."""

    def init(self, program, rng):
        self.p = {'trees': [expression.make(rng, 2, ['v', 'n']) for _ in range(2)]}

    def edit(self, program, rng):
        expression.mutate(rng, rng.choice(self.p['trees']))

    def code(self, program):
        first = not any(
            isinstance(f, Namespace) and f.unit == self.unit and f.number < self.number for f in program.features
        )
        k = '' if first else self.number
        t = [program.text(tree) for tree in self.p['trees']]
        return (
            f'namespace {{\nunsigned total{k};\nstruct Helper{k} {{\n\tunsigned n = 3;\n'
            f'\tvirtual unsigned work(unsigned v) {{ return {t[0]}; }}\n'
            f'\tvirtual ~Helper{k}() {{ total{k}++; }}\n}};\n__attribute__((noinline)) unsigned step{k}(unsigned v) {{ '
            f'unsigned n = total{k}; return {t[1]}; }}\n}}\n'
            + body(self.head(), f'Helper{k} h, *p = &h; total{k} += x & 3;', f'return p->work(x) * 3 + step{k}(x);')
        )


class Coroutine(Feature):
    def init(self, program, rng):
        self.p = {'tree': expression.make(rng, 2, ['i', 'x']), 'n': rng.randrange(2, 5)}

    def edit(self, program, rng):
        if rng.random() < 0.4:
            self.p['n'] += 1
        else:
            expression.mutate(rng, self.p['tree'])

    def code(self, program):
        k = self.number
        promise = (
            '\tstruct promise_type {\n\t\tunsigned value = 0;\n'
            f'\t\tGen{k} get_return_object() {{ return {{ std::coroutine_handle<promise_type>::from_promise(*this) }}; }}\n'
            '\t\tstd::suspend_always initial_suspend() { return {}; }\n'
            '\t\tstd::suspend_always final_suspend() noexcept { return {}; }\n'
            '\t\tstd::suspend_always yield_value(unsigned v) { value = v; return {}; }\n'
            '\t\tvoid return_void() {}\n\t\tvoid unhandled_exception() { throw; }\n\t};\n'
        )
        return (
            f'namespace {{ struct Gen{k} {{\n{promise}\tstd::coroutine_handle<promise_type> h;\n}};\n'
            + body(
                f'Gen{k} gen{k}(unsigned x)',
                f'for (unsigned i = 0; i < {self.p["n"]}; i++) co_yield {program.text(self.p["tree"])};',
            )
            + '}\n'
            + body(
                self.head(),
                f'Gen{k} g = gen{k}(x); unsigned r = 0;',
                'for (g.h.resume(); !g.h.done(); g.h.resume()) r = r * 5 + g.h.promise().value;',
                'g.h.destroy(); return r;',
            )
        )


class ThreadLocal(Feature):
    def init(self, program, rng):
        self.p = {'word': rng.choice(WORDS), 'add': rng.randrange(9), 'tree': expression.make(rng, 1, ['x'])}

    def edit(self, program, rng):
        expression.mutate(rng, self.p['tree'])

    def code(self, program):
        k = self.number
        return (
            f'static thread_local std::string mine{k} = "{self.p["word"]}";\nstatic thread_local unsigned plain{k} '
            f'= {self.p["add"]};\n'
            + body(
                self.head(),
                f'mine{k} += "x"; plain{k} += 2;',
                f'return plain{k} + (unsigned)mine{k}.size() + {program.text(self.p["tree"])};',
            )
        )


class Global(Feature):
    """An object with a constructor."""

    def init(self, program, rng):
        self.p = {'start': rng.randrange(9), 'tree': expression.make(rng, 2, ['x', 'n'])}

    def edit(self, program, rng):
        if rng.random() < 0.05:
            self.p['start'] += 1
        else:
            expression.mutate(rng, self.p['tree'])

    def code(self, program):
        k = self.number
        return (
            f'static struct Start{k} {{ std::string s; Start{k}() : s(opaque + {self.p["start"]}, \'x\') {{}} '
            f'~Start{k}() {{ if (s.empty()) note("gone", {k}); }} }} global{k};\n'
            + body(
                self.head(),
                f'unsigned n = (unsigned)global{k}.s.size();',
                f'global{k}.s += "y";',
                f'return {program.text(self.p["tree"])};',
            )
        )


class Operators(Feature):
    """A value class: constructors, operators, constexpr, and what is noexcept."""

    def init(self, program, rng):
        self.p = {'mul': rng.randrange(1, 50), 'noexcept': rng.random() < 0.5, 'table': numbers(rng, 6)}

    def edit(self, program, rng):
        kind = rng.randrange(3)
        if kind == 0:
            self.p['noexcept'] = not self.p['noexcept']
        elif kind == 1:
            self.p['table'][rng.randrange(6)] += 1
        else:
            self.p['mul'] += 1

    def header(self, program):
        k, n = self.number, 'noexcept ' * self.p['noexcept']
        return (
            super().header(program)
            + f'struct Value{k} {{\n\tunsigned v;\n\texplicit Value{k}(unsigned n) : v(n) {{}}\n'
            f'\tValue{k}(const Value{k} &o) : v(o.v + 1) {{}}\n'
            f'\tValue{k} operator+(const Value{k} &o) const {n}{{ return Value{k}(v * {self.p["mul"]}u + o.v); }}\n'
            f'\toperator unsigned() const {{ return v; }}\n}};\nconstexpr unsigned table{k}[] = {{ '
            f'{listed(self.p["table"])} }};\n'
        )

    def code(self, program):
        k = self.number
        return body(
            f'__attribute__((noinline)) static Value{k} add_{k}(Value{k} a, Value{k} b)',
            f'return a + b + Value{k}(table{k}[a.v % 6]);',
        ) + body(self.head(), f'Value{k} a(x), b(opaque);', f'return add_{k}(a, b) + table{k}[x % 6];')


class Members(Feature):
    """Pointers to members, and functions that differ in their types alone."""

    def init(self, program, rng):
        self.p = {'trees': [expression.make(rng, 2, ['v', 'm']) for _ in range(3)]}

    def edit(self, program, rng):
        expression.mutate(rng, rng.choice(self.p['trees']))

    def code(self, program):
        k, t = self.number, [program.text(tree) for tree in self.p['trees']]
        return (
            f'namespace {{\nstruct Have{k} {{\n\tunsigned m = 2;\n\tunsigned one(unsigned v) {{ return {t[0]}; }}\n'
            f'\tvirtual unsigned two(unsigned v) {{ return {t[1]}; }}\n'
            f'\tvirtual ~Have{k}() {{}}\n}};\n__attribute__((noinline)) unsigned over{k}(unsigned v) {{ '
            f'unsigned m = 1; return {t[2]}; }}\n'
            f'__attribute__((noinline)) unsigned over{k}(double v) {{ return (unsigned)(int)(v * 2); }}\n}}\n'
            + body(
                self.head(),
                f'static unsigned (Have{k}::*const ways[])(unsigned) = {{ &Have{k}::one, &Have{k}::two }};',
                f'Have{k} h;',
                f'return (h.*ways[x & 1])(x) + over{k}(x) + over{k}(x * 1.5);',
            )
        )


KINDS = [
    Virtual,
    Virtual,
    Virtual,
    Template,
    Template,
    Throw,
    Throw,
    Throw,
    Lambda,
    Lambda,
    Guard,
    Guard,
    Inline,
    Inline,
    Containers,
    Namespace,
    Coroutine,
    ThreadLocal,
    Global,
    Operators,
    Members,
    c_features.Plain,
    c_features.Statics,
    c_features.Switch,
    c_features.Asserts,
    c_features.Cold,
    c_features.Callback,
    c_features.Floats,
    c_features.Tables,
    c_features.Rows,
    c_features.NewData,
]


class CxxProgram(Program):
    suffix = 'cc'

    def files(self):
        return {name: with_includes(text) for name, text in super().files().items()}


def make(rng):
    program = CxxProgram(KINDS, rng.choice([1, 2, 3]))
    for _ in range(rng.randrange(4, 10)):
        program.add(rng)
    return program
