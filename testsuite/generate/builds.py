# SPDX-License-Identifier: GPL-3.0-or-later
"""How a program is built: a random choice of what GCC and GNU ld offer."""

import os
import shutil
import subprocess

LEVELS = ['-O0', '-O1', '-O2', '-O2', '-O3', '-Os']
FORMS = ['pie', 'pie', 'no-pie', 'static', 'static-pie', 'library', 'library', 'library-symbolic', 'library-versions']
EXTRAS = [
    '-fcf-protection',
    '-fno-plt',
    '-fno-semantic-interposition',
    '-g',
    '-Wl,--gc-sections',
    '-Wl,-z,now',
    '-fvisibility=hidden',
    '-fno-common',
    '-fcommon',
    '-ftls-model=initial-exec',
    '-fno-asynchronous-unwind-tables',
    '-fno-jump-tables',
    '-Wl,-O2',
    '-fstack-protector-strong',
    '-fno-toplevel-reorder',
    '-mavx2',
    '-ffast-math',
    '-fno-inline',
    '-fno-ipa-cp',
    '-mtls-dialect=gnu2',
    '-Wl,--no-relax',
    '-Wl,--hash-style=gnu',
    '-fPIC',
    '-mcmodel=medium',
    '-mfentry -pg',
    '-finstrument-functions',
    '-fzero-call-used-regs=used',
    '-D_FORTIFY_SOURCE=2',
    '-fstack-clash-protection',
    '-fmerge-all-constants',
    '-fno-align-functions',
    '-falign-functions=64',
    '-fno-reorder-blocks-and-partition',
    '-fno-ipa-icf',
    '-fno-omit-frame-pointer',
    '-fdata-sections',
    '-fopenmp',
    '-ftrapv',
    '-Wl,-z,pack-relative-relocs',
    '-Wl,-z,noseparate-code',
    '-Wl,-z,norelro',
]


class Build:
    def __init__(self, rng, lang):
        self.lang, self.form, self.level = lang, rng.choice(FORMS), rng.choice(LEVELS)
        self.lto = rng.choice(['', '', '', '-flto', '-flto -ffat-lto-objects'])
        self.extras = ' '.join(rng.sample(EXTRAS, rng.choice([0, 0, 1, 2, 3]))).split()
        self.fixed = rng.random() < 0.5  # at a fixed address (with a library); with a table to unwind (static)
        if lang == 'cxx':
            self.extras = [e for e in self.extras if e != '-fno-asynchronous-unwind-tables']
        if self.is_library:
            self.extras = [e for e in self.extras if e != '-fvisibility=hidden']  # they call each other
        if not can_run_avx2():
            self.extras = [e for e in self.extras if e != '-mavx2']

    def __str__(self):
        return ' '.join([self.form, self.level, *self.lto.split(), *self.extras])

    @property
    def is_library(self):
        return self.form.startswith('library')

    def targets(self):
        return ['lib.so', 'prog'] if self.is_library else ['prog']

    def flags(self, plugin, where):
        return ['-w', self.level, *self.extras, *self.lto.split(), f'-fplugin={plugin}', f'-ffile-prefix-map={where}=.']

    def compiler(self):
        if self.lang == 'cxx':
            return [os.environ.get('CXX', 'g++'), '-std=c++20']
        return [os.environ.get('CC', 'gcc'), '-std=gnu11', '-I/usr/include/csmith']

    def form_flags(self):
        """For the program: what decides where it may stand."""
        if self.is_library:
            return ['-fno-pie'] if self.fixed else ['-fPIE']
        return {'pie': ['-fPIE'], 'no-pie': ['-fno-pie'], 'static': ['-fno-pie'], 'static-pie': ['-fPIE']}[self.form]

    def link_flags(self):
        if self.is_library:
            return ['-no-pie'] if self.fixed else ['-pie']
        unwind = ['-Wl,--eh-frame-hdr'] * (self.lang == 'cxx' and self.fixed)
        return {'pie': ['-pie'], 'no-pie': ['-no-pie'], 'static': ['-static', *unwind], 'static-pie': ['-static-pie']}[
            self.form
        ]

    def in_library(self, unit):
        """Every second unit, and unit0 at least; main never."""
        return self.is_library and not unit.startswith('main') and int(unit[-1]) % 2 == 0

    def compile(self, plugin, where, source, to):
        form = ['-fPIC'] if self.in_library(source.partition('.')[0]) else self.form_flags()
        return [*self.compiler(), *self.flags(plugin, where), *form, '-c', source, '-o', to]

    def links(self, plugin, where, objects):
        """The commands that make lib.so, perhaps, and prog of OBJECTS (unit -> file)."""
        first = [*self.compiler(), *self.flags(plugin, where), '-Wl,--emit-relocs', '-Wl,--build-id']
        library = [o for unit, o in objects.items() if self.in_library(unit)]
        program = [o for unit, o in objects.items() if not self.in_library(unit)]
        if not self.is_library:
            return [[*first, *self.form_flags(), *self.link_flags(), *program, '-o', 'prog']]
        special = {
            'library': [],
            'library-symbolic': ['-Wl,-Bsymbolic'],
            'library-versions': ['-Wl,--version-script=lib.map'],
        }
        return [
            [*first, '-fPIC', '-shared', '-Wl,-soname,lib.so', *special[self.form], *library, '-o', 'lib.so'],
            [*first, *self.form_flags(), *self.link_flags(), *program, 'lib.so', '-o', 'prog'],
        ]


def can_run_avx2():
    with open('/proc/cpuinfo') as f:
        return ' avx2 ' in f.read()


class Workshop:
    """Builds versions, all in the directory `src`, so that no path makes a difference; an object that a version before
    had in the same words is not compiled again."""

    def __init__(self, how, plugin, work, limit=120):
        self.how, self.plugin, self.work, self.src, self.limit = how, plugin, work, f'{work}/src', limit
        self.objects = {}
        os.makedirs(self.src)
        self.write('lib.map', 'V1 { global: *; };\n')

    def write(self, name, text):
        with open(f'{self.src}/{name}', 'w') as f:
            f.write(text)

    def command(self, command):
        done = subprocess.run(
            command, cwd=self.src, capture_output=True, text=True, errors='replace', timeout=self.limit
        )
        if done.returncode:
            raise Failure(f'{" ".join(command)}\n{done.stderr[-3000:]}')

    def object(self, name, text, header):
        key = name, text, '' if name.startswith('foreign') else header
        if key not in self.objects:
            self.objects[key] = f'o{len(self.objects)}.o'
            self.command(self.how.compile(self.plugin, self.src, name, self.objects[key]))
        return self.objects[key]

    def build(self, files, to):
        """Sources and products end up in the directory TO."""
        os.makedirs(to)
        for name, text in files.items():
            self.write(name, text)
        units = {n.partition('.')[0]: self.object(n, t, files['prog.h']) for n, t in files.items() if n != 'prog.h'}
        for command in self.how.links(self.plugin, self.src, units):
            self.command(command)
        for name in [*files, *self.how.targets()]:
            shutil.copy(f'{self.src}/{name}', to)


class Failure(Exception):
    """The program does not build."""
