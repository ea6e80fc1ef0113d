# SPDX-License-Identifier: GPL-3.0-or-later
"""Every patched file by itself, with nothing known of its package: a program is started with --version, a library is
loaded by user.c, which is built without the plugin. Tried at startup, cold, and live: while the process waits (see
hold.c) hp-ctl applies, checks, reverts and applies again; then the process goes on to its end. What it prints and how
it ends is what NEW does. A server that knows no --version has no end: it must still be there after some seconds; one
that goes into the background is ended there."""
import glob, os, re, shutil, subprocess
from packages import WORK, adopt_orphans, end_orphans, output, say
from trial import compiled, environment, files_for, hold, hp_ctl

RUNS_ON = 'running'
LIMIT, SHORT = 60, 10           # seconds: for anything, and for a program that is known to run on
STEPS = [('apply', 0), ('check', 0), ('revert', 0), ('check', 1), ('apply', 0), ('check', 0)]


def is_library(name):
    return '.so' in name


def soname(path):
    text = output(['readelf', '-dW', path])[1]
    return next((l.split('[')[1].split(']')[0] for l in text.split('\n') if '(SONAME)' in l), os.path.basename(path))


def tree_libraries(trial):
    """Directories of the build tree with libraries that are no outputs of the recipe, but that the outputs may need."""
    tree = os.path.join(WORK, 'build', trial.package)
    return [d for d, _, names in os.walk(tree) if any(re.match(r'lib.*\.so(\.|$)', n) for n in names)]


def host(trial, library, env):
    """An extension alone lacks what the program has that loads it: an object with an empty function for each such
    symbol; [] where nothing is lacking."""
    told = ''.join(output(['ldd', '-r', library], env=env)[1:])
    missing = sorted(set(re.findall(r'undefined symbol: ([\w.$]+)\s*\(', told)))
    if not missing:
        return []
    source = ''.join('.globl {0}\n.type {0}, @function\n{0}: xor %eax, %eax\nret\n'.format(m) for m in missing)
    made = os.path.join(trial.dir, os.path.basename(library) + '.host.so')
    with open(made + '.S', 'w') as f:
        f.write('.text\n' + source + '.section .note.GNU-stack, "", @progbits\n')
    return [made] if output(['gcc', '-shared', '-o', made, made + '.S'])[0] == 0 else []


def run(trial, name, command, env, cwd, limit):
    """As output(); the status of a program that does not end is RUNS_ON."""
    try:
        return output(command, env=env, cwd=cwd, timeout=limit)
    except subprocess.TimeoutExpired as e:
        trial.endless.add(name)
        return (RUNS_ON, *((text or b'').decode(errors='replace') for text in (e.stdout, e.stderr)))


def start(trial, way, name, **more):
    """Exit status and everything printed of file NAME in WAY; (None, text) when it cannot be tried."""
    files = files_for(trial, way)
    lib = os.path.join(files, 'lib')
    os.makedirs(lib)
    libraries = sorted(f for f in os.listdir(files) if is_library(f))
    for f in libraries:
        os.symlink(os.path.join(files, f), os.path.join(lib, soname(os.path.join(files, f))))
    file = os.path.join(files, name)
    env = dict(environment(trial, way), LD_LIBRARY_PATH=':'.join([lib, *tree_libraries(trial)]))
    command = [file, '--version']
    if is_library(name):
        others = [os.path.join(files, f) for f in libraries if f != name]
        command = [compiled('user', '-pthread'), file, *others, *host(trial, file, env)]
    env.update(more)
    limit = SHORT if name in trial.endless and 'HOLD_COMMAND' not in more else LIMIT
    adopt_orphans()
    status, out, error = run(trial, name, command, env, lib, limit)
    end_orphans()
    shutil.rmtree(files)
    if status == 127 and 'error while loading shared libraries' in error:
        trial.lacking = error.strip().split(': ', 1)[-1]
        status = None
    cannot = is_library(name) and status == 3
    return None if cannot else status, (out + error).replace(files, '')


def startup(trial, name):
    """True, False, None: cannot be started alone."""
    status, text = start(trial, 'startup', name, HOTPATCH_DEBUG='1')
    told = [l for l in text.split('\n') if 'hotpatch' in l]
    open(os.path.join(trial.dir, name + '.startup.txt'), 'w').write(text)
    if status is None or not told:
        return None
    if not any('applied' in l for l in told):
        trial.fault('startup: the stub of %s did not apply the patch' % name)
    return same_end(trial, 'startup', name, start(trial, 'startup', name))


def ends_of_new(trial, name):
    """What two runs of NEW do."""
    if name not in trial.ends:
        trial.ends[name] = start(trial, 'new', name), start(trial, 'new', name)
    return trial.ends[name]


def says_another(trial, name, text):
    """TEXT is not what NEW prints, which prints the same at all times; what a program has printed that was ended is
    chance, as is the time of the day."""
    new, again = ends_of_new(trial, name)
    if text == new[1] or new != again or new[0] == RUNS_ON:
        return False
    return start(trial, 'new', name) == new


def same_end(trial, way, name, seen):
    """SEEN is what NEW does, as far as all runs of NEW agree."""
    new = ends_of_new(trial, name)[0]
    if new[0] is None:
        return None
    if seen[0] != new[0] or says_another(trial, name, seen[1]):
        trial.fault("%s: %s alone ends with %s, not with %s: %s" % (way, name, seen[0], new[0], seen[1].strip()[-200:]))
        return False
    return True


def coldly(trial, name):
    return same_end(trial, 'cold', name, start(trial, 'cold', name))


def cycle(trial, name):
    """apply, check, revert, apply while the process runs."""
    log = os.path.join(trial.dir, 'log.' + name)
    os.makedirs(log)
    steps = ['%s --pid "$1"; echo "step %s $?"' % (hp_ctl(step, trial.hot(name)), step) for step, _ in STEPS]
    command = '; '.join(steps + ['%s --pid "$1"' % hp_ctl('status')])
    seen = start(trial, 'old', name, **hold(trial, [name], command, log))
    logs = glob.glob(os.path.join(log, '*'))
    if seen[0] is None or not logs:
        return None
    for text in (open(l).read() for l in logs):
        lines = text.split('\n')
        steps = [l[5:] for l in lines if l.startswith('step ')]
        if steps[0] == 'apply 1':
            trial.cannot(text.split('step ')[0])
            return False
        if steps != ['%s %d' % s for s in STEPS] or not any(re.search(' patched[ ,].*/' + re.escape(name), l) for l in lines):
            trial.fault('held: %s: %s' % (name, text))
            return False
    return same_end(trial, 'held', name, seen)


def try_alone(trial):
    """For each way True, False, or None when no file can be tried so."""
    seen = {}
    for way, act in (('startup', startup), ('cold', coldly), ('held', cycle)):
        results = [act(trial, n) for n in trial.patched]
        seen[way] = None if None in results else all(results)
    words = {True: 'yes', False: 'NO', None: 'not possible'}
    told = {way: words[result] for way, result in seen.items()}
    if trial.live_causes and not any(f.startswith('held: ') for f in trial.faults):
        told['held'] = 'cannot'
    say('  each file alone:', ', '.join('%s %s' % i for i in told.items()))
    return seen
