# SPDX-License-Identifier: GPL-3.0-or-later
"""The corpus: its entries, its recipes, and OLD and NEW built by its own driver."""
import csv, ctypes, hashlib, os, re, signal, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get('BUILD', os.path.join(TOP, 'build')))
WORK = os.path.abspath(os.environ.get('CORPUS_WORK', os.path.join(BUILD, 'corpus')))
LDFLAGS = '-Wl,--emit-relocs -Wl,--build-id -Wl,--discard-none'         # the last for packages that link with -x


def say(*words):
    print(*words, flush=True)


def die(message):
    sys.exit('corpus-check: ' + message)


def output(command, timeout=None, **more):
    """Exit status, stdout and stderr of a command; one that takes too long is ended with all that it started."""
    pipe = subprocess.PIPE
    p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, errors='replace',
                         start_new_session=True, **more)
    try:
        out, error = p.communicate(timeout=timeout)
    except BaseException:
        os.killpg(p.pid, signal.SIGKILL)
        p.wait()
        raise
    return p.returncode, out, error


PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """What a command leaves running becomes ours, see end_orphans()."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children():
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/stat' % pid, errors='replace') as f:
                if int(f.read().rsplit(')', 1)[1].split()[1]) == os.getpid():
                    yield int(pid)
        except (OSError, IndexError):           # gone
            pass


def end_orphans():
    """Between commands: ends what they left, as a server that goes into the background, and what that leaves in turn."""
    while left := list(children()):
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def corpus_directory():
    for d in (os.environ.get('CORPUS'), os.path.join(TOP, '../shared/corpus'), os.path.join(TOP, '../corpus')):
        if d and os.path.exists(os.path.join(d, 'entries.tsv')):
            return os.path.abspath(d)
    die("cannot find the corpus; say where it is: make check-corpus CORPUS=DIRECTORY")


CORPUS = corpus_directory()


def entries():
    name = os.environ.get('CORPUS_ENTRIES', os.path.join(CORPUS, 'entries.tsv'))
    with open(name, newline='') as f:
        return {r['entry']: r for r in csv.DictReader((l for l in f if not l.startswith('#')), delimiter='\t')}


def recipe(package, variable):
    script = '. "$1"; printf %s "${!2}"'
    return output(['bash', '-c', script, '_', os.path.join(CORPUS, 'recipes', package + '.sh'), variable])[1]


def packages(package):
    """What a recipe builds with, and what our test of the package wants: its line '# packages: ...'."""
    wanted = recipe(package, 'apt').split()
    name = os.path.join(HERE, package)
    if os.path.exists(name):
        wanted += re.findall(r'^# packages: (.*)', open(name).read(), re.M)
    return ' '.join(wanted).split()


def need(packages):
    """Sees that they are installed; returns what is wrong, or None."""
    _, have, _ = output(['dpkg-query', '-W', '-f', '${db:Status-Status} ${Package}\n', *packages])
    missing = [p for p in packages if 'installed ' + p not in have.split('\n')]
    if not missing:
        return None
    if os.getuid():
        return 'packages are missing; as root: apt-get install ' + ' '.join(missing)
    say('installing', *missing)
    env = dict(os.environ, DEBIAN_FRONTEND='noninteractive')
    install = ['apt-get', '-qq', '-y', '--no-install-recommends', '-oDpkg::Use-Pty=0', 'install', *missing]
    if output(install, env=env)[0] == 0:
        return None
    output(['apt-get', '-qq', 'update'])
    status, _, error = output(install, env=env)
    return 'cannot install %s; %s' % (' '.join(missing), error.strip()) if status else None


def plugin():
    """A copy of the plugin whose name tells its content: the driver builds anew when the flags change."""
    content = open(os.environ.get('CORPUS_PLUGIN', os.path.join(BUILD, 'hotpatch.so')), 'rb').read()
    copy = os.path.join(WORK, 'plugin', hashlib.sha1(content).hexdigest()[:12], 'hotpatch.so')
    if not os.path.exists(copy):
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        open(copy, 'wb').write(content)
    return copy


def driver(*args, **more):
    """Run the corpus's driver."""
    env = dict(os.environ, CORPUS_WORK=WORK, **more)
    options = ['--jobs', os.environ.get('JOBS', '2'), '--cflags', '-O2 -g -fplugin=' + plugin(),
               '--ldflags', LDFLAGS]
    return output([os.path.join(CORPUS, 'corpus'), *options, *args], env=env)


def find_sources():
    if 'CORPUS_APT' not in os.environ:
        status, options, error = output([os.path.join(CORPUS, 'deb-src'), os.path.join(WORK, 'apt')])
        if status:
            die('cannot find source packages: ' + error.strip())
        os.environ['CORPUS_APT'] = options.strip()
