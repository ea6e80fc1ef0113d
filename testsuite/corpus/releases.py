# SPDX-License-Identifier: GPL-3.0-or-later
"""Two releases of a package as OLD and NEW: what lies between them is more than one fix. releases.tsv names them; how a
package is built is in recipes/PACKAGE.sh here, which look like those of the corpus, or in the corpus's own."""
import collections, csv, glob, os, re, shlex, shutil, subprocess
from packages import CORPUS, HERE, LDFLAGS, WORK, output, plugin, say
from table import read_rows, write_rows

COLUMNS = ['package', 'old', 'new', 'changed', 'new functions', 'redirected', 'patch bytes',
           'larger than the arena', 'hp-diff s', 'startup', 'live', 'cold', 'reasons of refusal']

RESULTS = os.environ.get('RESULTS', os.path.join(os.path.dirname(HERE), 'corpus-releases.md'))
ABOUT = """# Updates from one release to another

Made by `make check-corpus RELEASES=1`: the releases in `testsuite/corpus/releases.tsv`, built at the same path. A patch
for each file that differs, or the number of all reasons against one, by cause; hp-diff's report names each. startup,
live and cold: every patched file alone, as for the fixes.
"""


def releases():
    with open(os.path.join(HERE, 'releases.tsv'), newline='') as f:
        rows = csv.DictReader((l for l in f if not l.startswith('#')), delimiter='\t')
        return {r['package']: dict(r, entry='release-' + r['package'], cve=r['new']) for r in rows}


def recipe_file(package):
    own = os.path.join(HERE, 'recipes', package + '.sh')
    return own if os.path.exists(own) else os.path.join(CORPUS, 'recipes', package + '.sh')


def variable(package, name):
    return output(['bash', '-c', '. "$1"; printf %s "${!2-}"', '_', recipe_file(package), name])[1].split()


def download(package, version, where):
    """What is wrong, or None."""
    source = ['apt-get', *shlex.split(os.environ['CORPUS_APT']), '-qq', 'source', '--download-only']
    status, _, error = output([*source, package + '=' + version], cwd=where)
    return 'cannot fetch %s %s: %s' % (package, version, error.strip()) if status else None


def fetch(entry, side):
    """The unpacked source with the series applied; an error as text in its place."""
    package, version = entry['package'], entry[side]
    where, name = os.path.join(WORK, 'releases', package), re.sub(r'.*:', '', version)
    tree = os.path.join(where, name, 'tree')
    if os.path.isdir(tree):
        return tree, None
    os.makedirs(os.path.dirname(tree), exist_ok=True)
    # part of the archive may have dropped the upstream source that another part offers for the other release
    trouble = download(package, version, where)
    if trouble:
        download(package, entry['new' if side == 'old' else 'old'], where)
        trouble = download(package, version, where)
    if trouble:
        return None, trouble
    description = os.path.join(where, '%s_%s.dsc' % (package, name))
    status, _, error = output(['dpkg-source', '--no-check', '-x', description, tree + '.new'])
    if status:
        return None, 'cannot unpack %s: %s' % (description, error.strip())
    os.rename(tree + '.new', tree)
    return tree, None


def make(package, tree, log, functions=('configure', 'build'), **more):
    """Runs these functions of the recipe in TREE, MORE being added to the environment; the exit status."""
    flags = '-O2 -g -fplugin=' + plugin()
    env = dict(os.environ, CC='gcc', CXX='g++', CFLAGS=flags, CXXFLAGS=flags, J=os.environ.get('JOBS', '2'),
               LDFLAGS=LDFLAGS, SOURCE_DATE_EPOCH='1700000000', LC_ALL='C', TZ='UTC',
               RECIPES=os.path.join(CORPUS, 'recipes'), **more)
    for name in ('MAKEFLAGS', 'MAKELEVEL'):
        env.pop(name, None)
    steps = 'set -e; . "$1"; shift; for f; do ($f); done'
    with open(log, 'w') as f:
        return subprocess.call(['bash', '-xc', steps, '_', recipe_file(package), *functions], cwd=tree, env=env,
                               stdin=subprocess.DEVNULL, stdout=f, stderr=subprocess.STDOUT)


def build_release(entry):
    """OLD and NEW, both built at the same path, unless this plugin has built them already; what is wrong, or None."""
    package, out = entry['package'], os.path.join(WORK, 'out', entry['entry'])
    stamp, mark = os.path.join(out, 'plugin'), ' '.join((plugin(), entry['old'], entry['new']))
    if os.path.exists(stamp) and open(stamp).read() == mark:
        return None
    for side in ('old', 'new'):
        source, trouble = fetch(entry, side)
        if trouble:
            return trouble
        tree, log = (os.path.join(WORK, 'build', 'release-' + package + x) for x in ('', '.%s.log' % side))
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(source, tree, symlinks=True)
        say('  building', package, entry[side])
        if make(package, tree, log):
            return 'does not build; see ' + log
        save(package, tree, os.path.join(out, side))
    open(stamp, 'w').write(mark)
    return None


def release_row(trial):
    """Of a trial after hp-diff."""
    reports = trial.reports.values()
    count = lambda key: sum(len(r.get(key) or []) for r in reports)
    causes = collections.Counter(c['cause'] for r in reports for c in r.get('refusals') or [])
    large = [name for name, r in trial.reports.items() if r.get('arena', {}).get('mapped')]
    row = dict.fromkeys(COLUMNS, '-')
    row.update({'package': trial.package, 'old': trial.entry['old'], 'new': trial.entry['new'],
                'changed': count('changed'), 'new functions': count('new'), 'redirected': count('redirected'),
                'patch bytes': trial.bytes, 'larger than the arena': ', '.join(large) or 'no',
                'hp-diff s': '%.2f' % trial.seconds,
                'reasons of refusal': ', '.join('%d %s' % (n, c) for c, n in sorted(causes.items())) or '-'})
    return row


def add_release(row):
    """Into testsuite/corpus-releases.md."""
    write_rows({**read_rows(RESULTS), row['package']: row}, COLUMNS, ABOUT, RESULTS)


def save(package, tree, where):
    shutil.rmtree(where, ignore_errors=True)
    os.makedirs(where)
    for pattern in variable(package, 'elfs'):
        for name in glob.glob(os.path.join(tree, pattern)):
            if os.path.isfile(name) and not os.path.islink(name) and open(name, 'rb').read(4) == b'\x7fELF':
                shutil.copy2(name, where)
