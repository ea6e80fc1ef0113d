# SPDX-License-Identifier: GPL-3.0-or-later
"""The rarer constructs of C, one class each: see program.Feature; and programs of all of them."""

import c_features
import expression
from c_features import body, listed, numbers
from program import Feature, Program

SECTIONS = ['', ' __attribute__((section(".text.mine")))', ' __attribute__((hot))', ' __attribute__((cold))',
            ' __attribute__((aligned(64)))', ' __attribute__((optimize("O1")))', ' __attribute__((target("sse4.2")))',
            ' __attribute__((flatten))', ' __attribute__((ms_abi))', ' __attribute__((used, noinline, noclone))']


class Rare(Feature):
    """Parameters add and by are numbers that an edit changes, tree is an expression of v."""

    def init(self, program, rng):
        self.p = {'add': rng.randrange(50), 'by': rng.randrange(1, 9), 'tree': expression.make(rng, 2, ['v'])}
        self.more(program, rng)

    def more(self, program, rng):
        pass

    def edit(self, program, rng):
        kind = rng.randrange(4)
        if kind == 0:
            self.p['add'] += 1
        elif kind == 1:
            self.p['by'] += 1
        elif kind == 2:
            expression.mutate(rng, self.p['tree'])
        else:
            self.rework(program, rng)

    def rework(self, program, rng):
        self.p['by'] += 2

    def helper(self, program, name, attribute='static __attribute__((noinline))'):
        return body(f'{attribute} unsigned {name}_{self.number}(unsigned v)', f'return {program.text(self.p["tree"])};')


class Nested(Rare):
    """A nested function, called by way of its trampoline."""

    def code(self, program):
        k = self.number
        return body(
            f'__attribute__((noinline)) static unsigned each_{k}(unsigned (*f)(unsigned), unsigned n)',
            'unsigned last = 0;', 'for (unsigned i = 0; i < n; i++) last = f(i);', 'return last;',
        ) + body(
            self.head(), f'unsigned total = {self.p["add"]};',
            f'unsigned more(unsigned v) {{ total += {program.text(self.p["tree"])} + {self.p["by"]}; return total; }}',
            f'return each_{k}(more, x % 5) + total;',
        )


class Walked(Rare):
    """A section of the user's own that is walked from end to end."""

    def more(self, program, rng):
        self.p['items'] = numbers(rng, rng.randrange(1, 4))

    def rework(self, program, rng):
        if rng.random() < 0.5:
            self.p['items'].append(rng.randrange(100))
        else:
            self.p['items'][0] += 1

    def code(self, program):
        k = self.number
        items = ''.join(
            f'static const unsigned item{i}_{k} __attribute__((section("list_{k}"), used)) = {v};\n'
            for i, v in enumerate(self.p['items']))
        ends = f'extern const unsigned __start_list_{k}[] __attribute__((visibility("hidden"))), ' \
               f'__stop_list_{k}[] __attribute__((visibility("hidden")));\n'
        return items + ends + body(
            self.head(), f'unsigned sum = {self.p["add"]};',
            f'for (const unsigned *p = __start_list_{k}; p < __stop_list_{k}; p++) sum += *p * {self.p["by"]};',
            'return sum + x;')


class Weak(Rare):
    """A weak function, and one that nobody may have."""

    def more(self, program, rng):
        self.p['there'] = False

    def rework(self, program, rng):
        self.p['there'] = not self.p['there']

    def code(self, program):
        k = self.number
        there = self.helper(program, 'absent', '') if self.p['there'] else ''
        return f'extern unsigned absent_{k}(unsigned) __attribute__((weak));\n' + there + self.helper(
            program, 'soft', '__attribute__((weak, noinline))') + body(
            self.head(), f'return soft_{k}(x) * {self.p["by"]} + (absent_{k} ? absent_{k}(x) : {self.p["add"]});')


class Indirect(Rare):
    """An indirect function; another resolver is refused."""

    linkage = False

    def more(self, program, rng):
        self.p['which'] = 0

    def rework(self, program, rng):
        self.p['which'] = 1 - self.p['which']

    def code(self, program):
        k = self.number
        return self.helper(program, 'way0', 'static') + body(
            f'static unsigned way1_{k}(unsigned v)', f'return v * {self.p["by"]};') + body(
            f'static unsigned (*resolve_{k}(void))(unsigned)', f'return way{self.p["which"]}_{k};') + (
            f'static unsigned chosen_{k}(unsigned) __attribute__((ifunc("resolve_{k}")));\n') + body(
            self.head(), f'unsigned (*f)(unsigned) = chosen_{k};',
            f'return chosen_{k}(x) + f({self.p["add"]});')


class Common(Rare):
    """A tentative definition: COMMON, where the compiler is told so."""

    linkage = False

    def more(self, program, rng):
        self.p['n'] = rng.randrange(1, 4)

    def rework(self, program, rng):
        self.p['n'] += 1

    def code(self, program):
        k, n = self.number, self.p['n']
        return f'unsigned tentative_{k}[{n}];\n' + body(
            self.head(), f'tentative_{k}[x % {n}] += {self.p["by"]} + x;', f'return tentative_{k}[{n - 1}] + {self.p["add"]};')


class Bits(Rare):
    """Bit-fields, written and read whole."""

    def code(self, program):
        k, by = self.number, self.p['by'] % 30 + 1
        return f'static struct {{ unsigned a : {by}; int b : 9; unsigned c : 3; }} fields_{k};\n' + body(
            self.head(), f'fields_{k}.a += x + {self.p["add"]};', f'fields_{k}.b = fields_{k}.a % 200;', f'fields_{k}.c++;',
            f'return fields_{k}.a + fields_{k}.b * 3 + fields_{k}.c;')


class Room(Rare):
    """Memory of the frame whose size is not known: alloca() and an array."""

    def code(self, program):
        return '#include <alloca.h>\n' + body(
            self.head(), f'unsigned n = x % 7 + {self.p["by"]};', 'unsigned *p = (unsigned *)alloca(n * sizeof *p);',
            'unsigned char q[n];',
            f'for (unsigned v = 0; v < n; v++) p[v] = {program.text(self.p["tree"])}, q[v] = v + {self.p["add"]};',
            'return p[n - 1] + q[n / 2];')


class Wide(Rare):
    """Numbers of more than 64 bits, and complex ones."""

    def code(self, program):
        return body(
            self.head(), f'long double l = x * {self.p["by"]}.25L + {self.p["add"]};',
            f'unsigned __int128 w = (unsigned __int128)(x + {self.p["add"]}) << 70 | x;',
            f'_Complex double c = x + {self.p["by"]} * 1.0i;', 'c *= c;', f'w = w / {self.p["by"] * 3} + (w >> 60);',
            'return (unsigned)(int)l + (unsigned)w + (unsigned)(int)__real__ c + (unsigned)(int)__imag__ c;')


class Attributes(Rare):
    """Functions with attributes that say where they are and how they are compiled."""

    def more(self, program, rng):
        self.p['where'] = rng.choice(SECTIONS)

    def rework(self, program, rng):
        self.p['tree'] = ['+', self.p['tree'], ['k', rng.randrange(9)]] if rng.random() < 0.5 else self.p['tree']

    def code(self, program):
        k = self.number
        return body(f'static{self.p["where"]} unsigned placed_{k}(unsigned v)', f'return {program.text(self.p["tree"])};'
                    ) + body(self.head(), f'return placed_{k}(x + {self.p["add"]}) * {self.p["by"]} + placed_{k}(x);')


class Begun(Rare):
    """A constructor with a priority, which has run when a patch comes."""

    def code(self, program):
        k = self.number
        return f'static unsigned ready_{k};\n' + body(
            f'__attribute__((constructor({200 + k % 50}))) static void begin_{k}(void)', f'ready_{k} = 11;') + body(
            self.head(), f'ready_{k} += x;', f'return ready_{k} * {self.p["by"]} + {self.p["add"]};')


class Threads(Rare):
    """A thread that begins in a static function."""

    def code(self, program):
        k = self.number
        return '#include <pthread.h>\n#include <stdint.h>\n' + body(
            f'static void *thread_{k}(void *from)', 'unsigned v = (unsigned)(uintptr_t)from;',
            f'return (void *)(uintptr_t)({program.text(self.p["tree"])} + {self.p["add"]});') + body(
            self.head(), 'pthread_t id;', 'void *result = NULL;',
            f'if (pthread_create(&id, NULL, thread_{k}, (void *)(uintptr_t)x)) return 0;', 'pthread_join(id, &result);',
            f'return (unsigned)(uintptr_t)result * {self.p["by"]};')


class Signals(Rare):
    """A handler, which stays registered."""

    def code(self, program):
        k = self.number
        return '#include <signal.h>\n' + f'static volatile sig_atomic_t seen_{k};\n' + body(
            f'static void handle_{k}(int n)', f'seen_{k} += n + {self.p["add"]};') + body(
            self.head(), f'signal(SIGUSR1, handle_{k});', 'raise(SIGUSR1);',
            f'return seen_{k} * {self.p["by"]} + x;')


class Cleanup(Rare):
    def code(self, program):
        k = self.number
        return f'static unsigned cleaned_{k};\n' + body(
            f'static void clean_{k}(unsigned *p)', f'cleaned_{k} += *p + {self.p["add"]};') + body(
            self.head(), f'{{ __attribute__((cleanup(clean_{k}))) unsigned v = x; v *= {self.p["by"]}; }}',
            f'return cleaned_{k};')


class Distances(Rare):
    """Labels by their distances, in a constant table."""

    def more(self, program, rng):
        self.p['steps'] = numbers(rng, 3, 90)

    def rework(self, program, rng):
        self.p['steps'].append(7)

    def code(self, program):
        steps = self.p['steps']
        table = ', '.join(f'&&l{i} - &&l0' for i in range(len(steps)))
        labels = [f'l{i}: r += {s} * v; if (n-- == 0) return r;' for i, s in enumerate(steps)]
        return body(
            self.head(), f'static const int offsets[] = {{ {table} }};', f'unsigned r = {self.p["add"]}, v = x, n = 2;',
            f'goto *(&&l0 + offsets[x % {len(steps)}]);', *labels, f'return r * {self.p["by"]};')


class Assembler(Rare):
    """Assembler statements with operands in memory and in sections."""

    def code(self, program):
        k = self.number
        return f'static unsigned cell_{k} = 5;\nstatic const unsigned fixed_{k} = {self.p["by"]};\n' + body(
            self.head(), 'unsigned r;', f'__asm__("addl %2, %0\\n\\tmovl %0, %1" : "+m"(cell_{k}), "=&r"(r) : "r"(x));',
            f'__asm__("imull %1, %0" : "+r"(r) : "m"(fixed_{k}) : "cc");',
            f'return r + {self.p["add"]};')


class Clones(Rare):
    """A function for each processor, chosen by a resolver of the compiler's."""

    def code(self, program):
        k = self.number
        return body(
            f'__attribute__((target_clones("default", "avx2"))) unsigned cloned_{k}(const unsigned *p, unsigned n)',
            f'unsigned sum = {self.p["add"]};', f'for (unsigned i = 0; i < n; i++) sum += p[i] * {self.p["by"]};',
            'return sum;') + body(
            self.head(), f'const unsigned list[] = {{ {listed(range(1, 9))}, x }};', f'return cloned_{k}(list, 9);')


KINDS = [Nested, Walked, Weak, Indirect, Common, Bits, Room, Wide, Attributes, Begun, Threads, Signals, Cleanup, Distances,
         Assembler, Clones]


def make(rng):
    program = Program(c_features.KINDS + KINDS, rng.choice([1, 2, 3]))
    for _ in range(rng.randrange(5, 14)):
        program.add(rng)
    return program
