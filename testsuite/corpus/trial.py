# SPDX-License-Identifier: GPL-3.0-or-later
"""One entry: its patches, and the package's tests on OLD, NEW and the patched files.

A WAY is a set of files and an environment:

  old, new   as they were built
  startup    OLD, with the hotpatches in a store
  cold       OLD, but the coldpatched file where there is one
  held       OLD; every process that maps a patched module is patched by hp-ctl while it waits in hold.so (see hold.c)
  live       OLD; the package's script itself calls $APPLY on a process in the middle of its work
"""
import glob, json, os, re, shlex, shutil, subprocess, tempfile
from packages import BUILD, HERE, WORK, driver, output, recipe, say


class Trial:
    """What became of one entry. files: outputs that differ; patched: those of them that have a patch."""
    def __init__(self, entry):
        self.entry, self.name, self.package = entry, entry['entry'], entry['package']
        self.out = os.path.join(WORK, 'out', self.name)
        self.corrected = 'new'                  # what OLD is compared with; 'by-hand': see byhand.py
        self.dir = os.path.join(WORK, 'patch', self.name)
        self.store = os.path.join(self.dir, 'store')
        self.forget()

    def forget(self):
        self.files, self.patched, self.reports, self.statuses = [], [], {}, {}
        self.seconds, self.bytes, self.faults = 0.0, 0, []
        self.live_causes = set()                # why hp-ctl cannot patch a process
        self.endless, self.ends = set(), {}     # alone.py: programs that run on; what NEW does, by file
        self.lacking = ''                       # alone.py: why a program cannot be started

    def side(self, which, name=''):
        return os.path.join(self.out, which, name)

    def hot(self, name):
        return os.path.join(self.dir, 'cold', name + '.hp.o')

    def cold(self, name):
        return os.path.join(self.dir, 'cold', name)

    def begin(self):
        """An empty directory, and nothing known yet."""
        self.forget()
        shutil.rmtree(self.dir, ignore_errors=True)
        for d in ('', 'empty', 'cold', 'shipped', 'store', 'log'):
            os.makedirs(os.path.join(self.dir, d), exist_ok=True)

    def cannot(self, text):
        """hp-ctl's report of a process that it cannot patch."""
        self.live_causes.update(re.findall(r'\bcannot +([a-z-]+):', text) or ['?'])

    def fault(self, text):
        self.faults.append(text)
        say('  WRONG:', text)


# ---- the patches ----------------------------------------------------------------------------------------------------

def differing(trial):
    for name in sorted(os.listdir(trial.side('old'))):
        old, new = (trial.side(s, name) for s in ('old', trial.corrected))
        if os.path.exists(new) and open(old, 'rb').read() != open(new, 'rb').read():
            trial.files.append(name)


def processor_time():
    """Of the commands that have ended; what the clock says depends on who else uses the machine."""
    t = os.times()
    return t.children_user + t.children_system


def hp_diff(*args):
    return output([os.path.join(BUILD, 'hp-diff'), *args])


def diff(trial, name, *options):
    """hp-diff on one output: stripped OLD as it ships is what becomes the coldpatch."""
    base, report = os.path.join(trial.dir, 'shipped', name), os.path.join(trial.dir, name + '.json')
    subprocess.run(['strip', '-o', base, trial.side('old', name)], check=True)
    start = processor_time()
    where = os.path.join(trial.dir, 'cold')
    status, text, error = hp_diff(*options, '-o', where, '--cold-base=' + base, '--json=' + report,
                                  '--label', trial.entry['cve'], trial.side('old', name),
                                  trial.side(trial.corrected, name))
    seconds = processor_time() - start
    trial.seconds += seconds
    open(os.path.join(trial.dir, name + '.txt'), 'w').write(text + error)
    say('  hp-diff %s: status %d, %.2f s' % (' '.join((*options, name)), status, seconds))
    trial.reports[name] = json.load(open(report)) if os.path.exists(report) else {}
    trial.statuses[name] = status
    if status == 0:
        trial.patched.append(name)
        trial.bytes += patch_bytes(trial.reports[name])
        shutil.copy(trial.hot(name), os.path.join(trial.store, trial.reports[name]['build_id'] + '.hp.o'))
    elif status not in (1, 3) and not trial.reports[name].get('refusals'):
        trial.fault('hp-diff %s: status %d: %s' % (name, status, error.strip()))


def patch_bytes(report):
    """The records to apply, which hold the new code; that of a patch which outgrew the arena stands beside them in the
    file."""
    return report['sizes']['hotpatch' if report['arena']['mapped'] else 'patch']


def causes(trial):
    return sorted({r['cause'] for report in trial.reports.values() for r in report.get('refusals') or []})


def diff_all(trial):
    """All outputs; what is refused is tried for processes that start. Returns the causes of the first refusals."""
    differing(trial)
    for name in trial.files:
        diff(trial, name)
    refused, why = [n for n, status in trial.statuses.items() if status == 1], causes(trial)
    for name in refused:
        diff(trial, name, '--startup')
    return why


# ---- the files of one way -------------------------------------------------------------------------------------------

def files_for(trial, way):
    """A new directory with all outputs of the package as WAY has them."""
    d = tempfile.mkdtemp(dir=trial.dir, prefix=way + '.')
    for name in os.listdir(trial.side('new')):
        source = trial.side('new' if way == 'new' else 'old', name)
        if way == 'cold' and name in trial.patched:
            source = trial.cold(name)
        shutil.copy2(source, d)
    return d


def compiled(name, *options):
    """A C file of this directory as a program or, with -shared, an object to preload; made once."""
    made = os.path.join(WORK, 'tools', name + ('.so' if '-shared' in options else ''))
    os.makedirs(os.path.dirname(made), exist_ok=True)
    source = os.path.join(HERE, name + '.c')
    if not os.path.exists(made) or os.path.getmtime(made) < os.path.getmtime(source):
        subprocess.run(['gcc', '-O2', *options, '-o', made, source], check=True)
    return made


def hold(trial, names, command, log):
    """The environment in which processes that map one of NAMES let COMMAND work on them."""
    return {'LD_PRELOAD': compiled('hold', '-shared', '-fPIC'), 'HOLD_COMMAND': command, 'HOLD_LOG': log,
            'HOLD_IDS': ' '.join(trial.reports[n]['build_id'] for n in names)}


def hp_ctl(*args):
    return shlex.join([os.path.join(BUILD, 'hp-ctl'), *args])


def environment(trial, way):
    env = dict(os.environ, HOTPATCH_STORE=trial.store if way == 'startup' else os.path.join(trial.dir, 'empty'))
    hot = [trial.hot(n) for n in trial.patched]
    if way == 'live':
        env['APPLY'] = hp_ctl('apply', *hot, '--pid')
    if way == 'held':
        env.update(hold(trial, trial.patched, 'exec %s --pid "$1"' % hp_ctl('apply', '--json', *hot),
                        os.path.join(trial.dir, 'log')))
    return env


# ---- the package's tests --------------------------------------------------------------------------------------------

def script(trial, way, action):
    """Exit status and output of the script named like the package; status None when there is no such script."""
    name = os.path.join(HERE, trial.package)
    if not os.path.exists(name):
        return None, ''
    files = files_for(trial, way)
    work = os.path.join(files, 'work')
    os.makedirs(work)
    env = dict(environment(trial, way), ENTRY=trial.name, FILES=files, TREE=os.path.join(WORK, 'build', trial.package))
    try:
        status, text, error = output([name, action], cwd=work, env=env, timeout=900)
    except subprocess.TimeoutExpired:
        status, text, error = 124, '', 'takes longer than 900 s'
    open(os.path.join(trial.dir, '%s.%s.log' % (action, way)), 'w').write(text + error)
    shutil.rmtree(files)
    return status, text.strip()


def suite(trial, way):
    """The package's own tests; None when they do not run the file under test."""
    if recipe(trial.package, 'tests_kind') != 'suite':
        return None
    files = files_for(trial, way)
    swap = [o for name in os.listdir(files) for o in ('--swap', name + '=' + os.path.join(files, name))]
    more = {k: v for k, v in environment(trial, way).items() if os.environ.get(k) != v}
    status, text, error = driver('test', *swap, trial.name, **more)
    open(os.path.join(trial.dir, 'suite.%s.log' % way), 'w').write(text + error)
    shutil.rmtree(files)
    return status


def try_way(trial, way):
    """Suite and script; returns what there was of them."""
    seen = []
    for what, status in (('suite', suite(trial, way)), ('test', script(trial, way, 'test')[0])):
        if status not in (None, 3):
            seen.append(what)
            if status:
                trial.fault('%s: %s fails (%d)' % (way, what, status))
    if way == 'held' and seen:
        held_processes(trial)
    say('  %s: %s' % (way, ', '.join(seen) or 'no test of the package'))
    return seen


def held_processes(trial):
    """What hp-ctl said of the processes that waited for it: at least one was patched, none could not be."""
    outcomes = []
    for name in glob.glob(os.path.join(trial.dir, 'log', '*')):
        try:
            outcomes += [(p['outcome'], p.get('cause')) for p in json.load(open(name))['processes']]
        except ValueError:
            trial.fault('held: ' + open(name).read().strip()[:200])
    trial.live_causes.update(str(cause) for outcome, cause in outcomes if outcome not in ('patched', 'already'))
    if not outcomes:
        trial.fault('held: no process of the tests maps a patched file')
    say('  held: %d processes patched in their life' % sum(o == 'patched' for o, _ in outcomes))


def effects(trial, ways):
    """What the fix does, seen from outside: OLD and NEW differ, the patched files are like NEW."""
    status, new = script(trial, 'new', 'effect')
    if status in (None, 3):
        return 'no short input'
    old = script(trial, 'old', 'effect')[1]
    if status or old == new:
        trial.fault("the effect of the fix can't be seen: old '%s', new '%s'" % (old, new))
    for way in ways:
        text = script(trial, way, 'effect')[1]
        if text != new:
            trial.fault("%s: the effect is '%s', not '%s'" % (way, text, new))
    say("  effect: old '%s', new '%s'" % (old, new))
    return 'seen'


def live(trial):
    """The script's own way of patching in the middle of work; True, False, None when it has none."""
    status, text = script(trial, 'live', 'live')
    if status in (None, 3):
        return None
    effect, new = script(trial, 'new', 'effect')
    if status or effect != 3 and text != new:
        trial.fault("live: status %d, the effect is '%s', not '%s'" % (status, text, new))
        return False
    return True
