# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that hold objects while they are patched: what hp-diff must say of layouts.

A version differs from another one in the shapes of its objects, hardly ever in what it prints: fields change places,
get another type, new ones come. Objects are made, the program waits, and then they are told field by field. So OLD,
patched where it waits, prints up to there what OLD prints and from there on what NEW prints; or hp-diff has refused. A
field that came later is quiet: it is not printed, but new code says `bad` where it does not hold what new code put there.
"""

import copy
import re

from c_features import body

SCALARS = [
    'char', 'signed char', 'unsigned char', 'short', 'unsigned short', 'int', 'unsigned', 'long', 'unsigned long',
    'long long', 'float', 'double', 'long double', 'size_t', 'wchar_t', '__int128',
]
SIMPLE = [
    'scalar', 'scalar', 'scalar', 'bool', 'bits', 'enum', 'text', 'array', 'word', 'way', 'either', 'inner', 'named',
    'hidden',
]
SIMPLE_CXX = SIMPLE + ['string', 'row', 'fixed', 'call', 'maybe']
HEADER = '''#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
void note(const char *what, unsigned value);
void go_on(void);
static const char *const words[] = { "ann", "ben", "cid", "dan", "eve" };
static inline unsigned way0(void) { return 10; }
static inline unsigned way1(void) { return 11; }
typedef unsigned (*way_type)(void);
static const way_type ways[] = { way0, way1 };
'''
MAIN = '''#include <unistd.h>
void note(const char *what, unsigned value) { printf("%s %u\\n", what, value); }
__attribute__((noinline)) static void wait_for_patch(void)
{
	char c;
	puts("----");
	fflush(stdout);
	if (getenv("HP_WAIT") && (write(2, "ready\\n", 6) != 6 || read(0, &c, 1) != 1))
		_exit(9);
}
'''


class Field:
    """KIND with what it needs; quiet: it came later."""

    def __init__(self, rng, number, shapes, quiet=False, kinds=SIMPLE):
        self.aligned = rng.choice([''] * 9 + [' __attribute__((aligned(16)))'])
        self.number, self.quiet, self.add = number, quiet, rng.randrange(60)
        self.kind = rng.choice(kinds + (['shape', 'pointer'] if shapes and len(kinds) > 3 else []))
        self.type = rng.choice(SCALARS)
        self.n = self.least = rng.randrange(1, 5)
        self.bits = rng.randrange(7, 14)
        self.shape = rng.choice(shapes) if shapes else None

    @property
    def name(self):
        return f'f{self.number}'

    def value(self):
        return f'((v + {self.add}) % 97)'

    def declaration(self, program):
        return {
            'scalar': f'{self.type} {self.name}',
            'bool': f'{"bool" if program.cxx else "_Bool"} {self.name}',
            'bits': f'unsigned {self.name} : {self.bits}',
            'enum': f'enum mood {self.name}',
            'text': f'char {self.name}[{self.n * 4}]',
            'array': f'{self.type} {self.name}[{self.n}]',
            'word': f'const char *{self.name}',
            'way': f'way_type {self.name}',
            'either': f'union {{ {self.type} one; short other; }} {self.name}',
            'inner': f'struct {{ short first; {self.type} second; }} {self.name}',
            'named': f'named_type {self.name}',
            'hidden': f'union {{ {self.type} {self.name}; short other_{self.number}; }}',
            'string': f'std::string {self.name}',
            'row': f'std::vector<{self.type}> {self.name}',
            'fixed': f'std::array<{self.type}, {self.n}> {self.name}',
            'call': f'std::function<unsigned({self.type})> {self.name}',
            'maybe': f'std::optional<{self.type}> {self.name}',
            'shape': f'struct shape_{self.shape} {self.name}',
            'pointer': f'struct shape_{self.shape} *{self.name}',
        }[self.kind] + (self.aligned if self.kind in ('scalar', 'array', 'shape') else '') + ';'

    def fill(self, program):
        v, f = self.value(), f'o->{self.name}'
        return {
            'bool': f'{f} = {v} & 1;',
            'enum': f'{f} = (enum mood){v};',
            'text': f'for (unsigned i = 0; i < sizeof {f}; i++) {f}[i] = i ? (char)i : (char){v};',
            'array': f'for (unsigned i = 0; i < {self.n}; i++) {f}[i] = {v} + i;',
            'word': f'{f} = words[{v} % 5];',
            'way': f'{f} = ways[{v} % 2];',
            'either': f'{f}.one = {v};',
            'inner': f'{f}.first = 3; {f}.second = {v};',
            'string': f'{f} = words[{v} % 5];',
            'row': f'{f}.assign(2, {v});',
            'fixed': f'{f}.fill({v});',
            'call': f'{f} = [v](unsigned) {{ return {v}; }};',
            'shape': f'fill_{self.shape}(&{f}, {v});',
            'pointer': f'{f} = {program.fresh(self.shape)}; fill_{self.shape}({f}, {v});',
        }.get(self.kind, f'{f} = {v};')

    def tell(self, program):
        v, f = self.value(), f'o->{self.name}'
        if self.kind == 'shape':
            return '' if self.quiet else f'tell_{self.shape}(&{f}, {v});'
        if self.kind == 'pointer':
            return f'if (!{f}) note("bad {self.name}", 0);' if self.quiet else f'tell_{self.shape}({f}, {v});'
        seen, wanted = {
            'bool': (f, f'({v} & 1)'),
            'text': (f'{f}[0]', v),
            'array': (f'{f}[0]', v),
            'word': (f'*{f}', f'(unsigned)*words[{v} % 5]'),
            'way': (f'{f}()', f'({v} % 2 + 10)'),
            'either': (f'{f}.one', v),
            'inner': (f'{f}.second', v),
            'string': (f'{f}[1]', f'(unsigned)words[{v} % 5][1]'),
            'row': (f'{f}[1]', v),
            'fixed': (f'{f}[0]', v),
            'call': (f'{f}(0)', v),
            'maybe': (f'*{f}', v),
        }.get(self.kind, (f, v))
        check = f'if ((unsigned){seen} != {wanted}) note("bad {self.name}", (unsigned){seen});'
        lines = [check if self.quiet else f'note("{self.name}", (unsigned){seen});']
        if self.kind == 'text':
            lines += [f'if ({f}[sizeof {f} - 1] != (char)(sizeof {f} - 1)) note("bad end of {self.name}", 0);']
        if self.kind == 'array':
            lines += [f'if ({f}[{self.n - 1}] != ({self.type})({v} + {self.n - 1})) note("bad end of {self.name}", 0);']
        return ' '.join(lines)

    def edit(self, rng):
        """Another type for what holds the same."""
        if self.kind in ('text', 'array') and rng.random() < 0.5:
            self.n = self.least + rng.randrange(4)
        elif self.kind == 'bits':
            self.bits = rng.randrange(7, 20)
        elif self.kind in ('shape', 'pointer'):
            self.kind = 'shape' if self.kind == 'pointer' else 'pointer'
        else:
            self.type = rng.choice(SCALARS)


class Shape:
    def __init__(self, rng, number, program):
        self.number, self.next = number, 0
        self.attribute = rng.choice(['', '', '', '', '__attribute__((packed))', '__attribute__((aligned(32)))'])
        self.inline = rng.random() < 0.5    # fill and tell
        self.unit = rng.randrange(program.nunits)
        self.fields, self.virtual, self.base, self.shared = [], [], None, False
        self.kinds = SIMPLE_CXX if program.cxx else SIMPLE
        earlier = range(number)
        for _ in range(rng.randrange(1, 6)):
            self.insert(rng, list(earlier), len(self.fields))
        if program.cxx and rng.random() < 0.4:
            self.virtual = [0]
        if program.cxx and number and rng.random() < 0.4:
            self.base, self.shared = rng.randrange(number), rng.random() < 0.2

    def insert(self, rng, shapes, at, quiet=False, kinds=None):
        self.fields.insert(at, Field(rng, self.next, shapes, quiet, kinds or self.kinds))
        self.next += 1

    def edit(self, program, rng):
        kind, at = rng.randrange(10), rng.randrange(len(self.fields) + 1)
        quiet = [f for f in self.fields if f.quiet]
        if kind <= 1:
            a, b = rng.randrange(len(self.fields)), rng.randrange(len(self.fields))
            self.fields[a], self.fields[b] = self.fields[b], self.fields[a]
        elif kind <= 3:
            self.insert(rng, list(range(self.number)), at, True)
        elif kind == 4:
            self.insert(rng, [], at, True, ['scalar', 'bool', 'bits'])
        elif kind == 5 and quiet:
            self.fields.remove(rng.choice(quiet))
        elif kind == 6:
            self.attribute = rng.choice(['', '__attribute__((packed))', '__attribute__((aligned(32)))'])
        elif kind == 8 and self.base is not None:
            self.shared = not self.shared
        elif kind == 7 and program.cxx:
            self.virtual.insert(rng.randrange(len(self.virtual) + 1), max(self.virtual, default=-1) + 1)
        else:
            rng.choice(self.fields).edit(rng)

    def definition(self, program):
        base = f' : {"virtual " if self.shared else ""}shape_{self.base}' if self.base is not None else ''
        virtual = ''.join(f'\tvirtual unsigned v{i}() const {{ return {i * 5 + 2}; }}\n' for i in self.virtual)
        fields = ''.join(f'\t{f.declaration(program)}\n' for f in self.fields)
        return f'struct {self.attribute} shape_{self.number}{base} {{\n{virtual}{fields}}};\n'

    def heads(self):
        o = f'struct shape_{self.number} *o, unsigned v'
        return f'void fill_{self.number}({o})', f'void tell_{self.number}(const {o})'

    def header(self, program):
        declared = ''.join(f'{"static inline " if self.inline else ""}{h};\n' for h in self.heads())
        return self.definition(program) + declared + (self.functions(program) if self.inline else '')

    def functions(self, program):
        fill, tell = (('static inline ' if self.inline else '') + h for h in self.heads())
        up = [] if self.base is None else [f'{w}_{self.base}(o, v);' for w in ('fill', 'tell')]
        known = [i for i in self.virtual if i == 0]
        return body(fill, *up[:1], *[f.fill(program) for f in self.fields]) + body(
            tell, *up[1:], *[f'note("v{i}", o->v{i}());' for i in known],
            *[f.tell(program) for f in sorted(self.fields, key=lambda f: f.number)])


# Where an object is between the two: what is declared, how it is made, how it is told. T is its type, K a number,
# V what it is filled by.
HOLDERS_C = {
    'static': ('static T obj_K;', 'fill(&obj_K, V)', 'tell(&obj_K, V)'),
    'global': ('T obj_K;', 'fill(&obj_K, V)', 'tell(&obj_K, V)'),
    'heap': ('static T *obj_K;', 'obj_K = NEW; fill(obj_K, V)', 'tell(obj_K, V)'),
    'void': ('static void *obj_K;', 'obj_K = NEW; fill((T *)obj_K, V)', 'tell((T *)obj_K, V)'),
    'array': ('static T obj_K[3];', 'fill(&obj_K[2], V)', 'tell(&obj_K[2], V)'),
    'tls': ('static __thread T obj_K[2];', 'fill(&obj_K[1], V)', 'tell(&obj_K[1], V)'),
    'raw': ('static char obj_K[4096] __attribute__((aligned(64)));', 'PLACE; fill((T *)obj_K, V)',
            'tell((T *)obj_K, V)'),
    'row': ('struct row_K { struct row_K *next; T item; short last; };\nstatic struct row_K *obj_K;',
            'obj_K = ROW; obj_K->last = 7; fill(&obj_K->item, V)',
            'tell(&obj_K->item, V); note("last", obj_K->last)'),
    'either': ('static struct { int which; union { T *item; char bytes[20]; } u; } obj_K;',
               'obj_K.which = 1; obj_K.u.item = NEW; fill(obj_K.u.item, V)', 'tell(obj_K.u.item, V)'),
    'typedef': ('typedef struct { T *item; } box_K;\nstatic box_K obj_K;', 'obj_K.item = NEW; fill(obj_K.item, V)',
                'tell(obj_K.item, V)'),
    'value': ('static T obj_K;\n__attribute__((noinline)) static T same_K(T o) { return o; }', 'fill(&obj_K, V)',
              'T o = same_K(obj_K); tell(&o, V)'),
}
HOLDERS_CXX = {
    'vector': ('static std::vector<T> obj_K;', 'obj_K.resize(2); fill(&obj_K[1], V)', 'tell(&obj_K[1], V)'),
    'map': ('static std::map<int, T> obj_K;', 'fill(&obj_K[3], V)', 'tell(&obj_K.begin()->second, V)'),
    'hash': ('static std::unordered_map<int, T> obj_K;', 'fill(&obj_K[3], V)', 'tell(&obj_K.begin()->second, V)'),
    'list': ('static std::list<T> obj_K;', 'obj_K.emplace_back(); fill(&obj_K.back(), V)', 'tell(&obj_K.back(), V)'),
    'deque': ('static std::deque<T> obj_K;', 'obj_K.resize(3); fill(&obj_K[2], V)', 'tell(&obj_K[2], V)'),
    'unique': ('static std::unique_ptr<T> obj_K;', 'obj_K = std::make_unique<T>(); fill(obj_K.get(), V)',
               'tell(obj_K.get(), V)'),
    'shared': ('static std::shared_ptr<T> obj_K;', 'obj_K = std::make_shared<T>(); fill(obj_K.get(), V)',
               'tell(obj_K.get(), V)'),
    'optional': ('static std::optional<T> obj_K;', 'obj_K.emplace(); fill(&*obj_K, V)', 'tell(&*obj_K, V)'),
    'variant': ('static std::variant<int, T> obj_K;', 'fill(&obj_K.emplace<1>(), V)', 'tell(&std::get<1>(obj_K), V)'),
    'any': ('static std::any obj_K;', 'fill(&obj_K.emplace<T>(), V)', 'tell(std::any_cast<T>(&obj_K), V)'),
    'tuple': ('static std::tuple<char, T, int> obj_K;', 'fill(&std::get<1>(obj_K), V)', 'tell(&std::get<1>(obj_K), V)'),
    'capture': ('static std::function<void()> obj_K;',
                'T o; fill(&o, V); obj_K = [o] { note("captured", 1); tell(&o, V); }', 'obj_K()'),
    'thrown': ('static std::exception_ptr obj_K;', 'T o; fill(&o, V); obj_K = std::make_exception_ptr(o)',
               'try { std::rethrow_exception(obj_K); } catch (const T &o) { tell(&o, V); }'),
    'box': ('template<class U> struct box_K { char first; U item; };\nstatic box_K<T> obj_K;', 'fill(&obj_K.item, V)',
            'tell(&obj_K.item, V)'),
    'member': ('struct owner_K { inline static T item; };', 'fill(&owner_K::item, V)', 'tell(&owner_K::item, V)'),
    'local': ('static T &obj_K() { static T o; return o; }', 'fill(&obj_K(), V)', 'tell(&obj_K(), V)'),
    'thread': ('static thread_local std::vector<T> obj_K;', 'obj_K.resize(2); fill(&obj_K[1], V)',
               'tell(&obj_K[1], V)'),
}

# What a name of the C++ library needs.
INCLUDES = {
    'any': 'any', 'any_cast': 'any', 'array': 'array', 'deque': 'deque', 'exception_ptr': 'exception',
    'function': 'functional', 'list': 'list', 'map': 'map', 'make_shared': 'memory', 'make_unique': 'memory',
    'optional': 'optional', 'string': 'string', 'tuple': 'tuple', 'unordered_map': 'unordered_map',
    'variant': 'variant', 'vector': 'vector',
}


def with_includes(text):
    names = {INCLUDES[name] for name in re.findall(r'std::(\w+)', text) if name in INCLUDES}
    return ''.join(f'#include <{name}>\n' for name in sorted(names | {'new'})) + text


class Holder:
    def __init__(self, rng, number, program):
        self.number, self.unit, self.shape = number, rng.randrange(program.nunits), rng.randrange(len(program.shapes))
        self.how = rng.choice([*HOLDERS_C, 'frame', 'frame'] + (list(HOLDERS_CXX) * 2 if program.cxx else []))
        self.shift = 0

    def put(self, program, text):
        place = 'new (obj_K) T' if program.cxx else '(void)0'
        row = 'new row_K()' if program.cxx else '(struct row_K *)calloc(1, sizeof(struct row_K))'
        text = text.replace('NEW', program.fresh(self.shape)).replace('PLACE', place).replace('ROW', row)
        text = re.sub(r'\bT\b', f'struct shape_{self.shape}', text)
        text = text.replace('__thread', 'thread_local') if program.cxx else text
        text = re.sub(r'\bV\b', f'{self.number + 3}u', text)
        return re.sub(r'\b(fill|tell)\(', rf'\1_{self.shape}(', text).replace('_K', f'_{self.number}')

    def code(self, program):
        k = self.number
        if self.how == 'frame':
            return body(f'void frame_{k}(void)', f'struct shape_{self.shape} o;', f'fill_{self.shape}(&o, {k + 3}u);',
                        'go_on();', f'note("frame {k}", 0);', f'tell_{self.shape}(&o, {k + 3}u);')
        declared, make, tell = (self.put(program, t) for t in {**HOLDERS_C, **HOLDERS_CXX}[self.how])
        return (declared + '\n' + body(f'void make_{k}(void)', make + ';')
                + body(f'void show_{k}(void)', f'note("{self.how} {k}", {self.shift});', tell + ';'))


class Program:
    foreign = ()

    def __init__(self, rng, cxx):
        self.cxx, self.nunits = cxx, rng.choice([1, 2, 3])
        self.suffix = 'cc' if cxx else 'c'
        self.mood = rng.choice([100, 100, 70000])
        self.named = rng.choice(SCALARS)
        self.shapes = []
        for i in range(rng.randrange(1, 5)):
            self.shapes.append(Shape(rng, i, self))
        self.holders = [Holder(rng, i, self) for i in range(rng.randrange(2, 8))]

    def fresh(self, shape):
        shape = f'struct shape_{shape}'
        return f'new {shape}()' if self.cxx else f'({shape} *)calloc(1, sizeof({shape}))'

    def next_version(self, rng):
        new = copy.deepcopy(self)
        for _ in range(rng.choice([1, 1, 1, 2])):
            new.edit(rng)
        return new

    def edit(self, rng):
        kind = rng.random()
        if kind < 0.75:
            rng.choice(self.shapes).edit(self, rng)
        elif kind < 0.8:
            self.mood = rng.choice([100, 70000, 1 << 40])
        elif kind < 0.85:
            self.named = rng.choice(SCALARS)
        else:
            rng.choice(self.holders).shift += 1

    def frames(self):
        return [h for h in self.holders if h.how == 'frame']

    def others(self):
        return [h for h in self.holders if h.how != 'frame']

    def unit_text(self, unit):
        shapes = ''.join(s.functions(self) for s in self.shapes if s.unit == unit and not s.inline)
        return '#include "prog.h"\n' + shapes + ''.join(h.code(self) for h in self.holders if h.unit == unit)

    def main_text(self):
        chain = ', '.join([f'frame_{h.number}' for h in self.frames()] + ['middle'])
        return (
            '#include "prog.h"\n' + MAIN + body('static void middle(void)', 'wait_for_patch();',
                                                *[f'show_{h.number}();' for h in self.others()])
            + f'static void (*const chain[])(void) = {{ {chain} }};\nstatic unsigned depth;\n'
            + body('void go_on(void)', 'chain[depth++]();')
            + body('int main(void)', *[f'make_{h.number}();' for h in self.others()],
                   *[f'show_{h.number}();' for h in self.others()], 'go_on();', 'return 0;')
        )

    def header(self):
        declared = ''.join(f'void frame_{h.number}(void);\n' for h in self.frames())
        declared += ''.join(f'void {w}_{h.number}(void);\n' for h in self.others() for w in ('make', 'show'))
        mood = f'enum mood {{ CALM, GLAD, LAST = {self.mood} }};\ntypedef {self.named} named_type;\n'
        return HEADER + mood + declared + ''.join(s.header(self) for s in self.shapes)

    def files(self):
        files = {'prog.h': self.header(), f'main.{self.suffix}': self.main_text()}
        for u in range(self.nunits):
            files[f'unit{u}.{self.suffix}'] = self.unit_text(u)
        return {n: with_includes(t) for n, t in files.items()} if self.cxx else files
