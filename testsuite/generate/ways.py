# SPDX-License-Identifier: GPL-3.0-or-later
"""One pair of builds: hp-diff, and the patched OLD in every way that there is, against NEW."""

import difflib
import json
import os
import shutil
import subprocess

CLEAN = {k: v for k, v in os.environ.items() if not k.startswith('HOTPATCH_')}
LIMIT = 20


class Failure(Exception):
    """A wrong answer of ours: what was seen."""


def environment(store):
    return {**CLEAN, 'LD_LIBRARY_PATH': '.', 'HOTPATCH_STORE': store}


def ending(done, out, err):
    return f'status {done.returncode}\n{out}{err}'


def run(where, store='/nonexistent'):
    """How the program in WHERE ends and all it prints; None when it does not end."""
    try:
        done = subprocess.run(
            ['./prog'],
            cwd=where,
            env=environment(store),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors='replace',
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired:
        return None
    return ending(done, done.stdout, done.stderr)


def build_id(path):
    notes = subprocess.run(['readelf', '-nW', path], capture_output=True, text=True, check=True).stdout
    return notes.partition('Build ID: ')[2].split()[0]


class Pair:
    """OLD and NEW are directories with finished builds, HOW says how; TOOLS is the directory of hp-diff and hp-ctl."""

    def __init__(self, how, old, new, work, tools, old_says, new_says, can_live):
        self.how, self.old, self.new, self.work, self.tools = how, old, new, work, tools
        self.old_says, self.new_says, self.can_live = old_says, new_says, can_live
        self.patches, self.causes, self.functions = [], set(), 0
        self.unbound = False  # a patch needs what only the patch of the other module has
        self.reluctant = set()  # why hp-ctl had to be told --consistency=function

    # ---- hp-diff ------------------------------------------------------------------------------------------------

    def diff(self, target):
        """0 written, 1 refused, 3 no difference; all else is a failure."""
        out, report = f'{self.work}/out', f'{self.work}/{target}.json'
        os.makedirs(out, exist_ok=True)
        done = subprocess.run(
            [f'{self.tools}/hp-diff', f'{self.old}/{target}', f'{self.new}/{target}', '-o', out, f'--json={report}'],
            capture_output=True,
            text=True,
            errors='replace',
            timeout=120,
        )
        if done.returncode not in (0, 1, 3):
            raise Failure(f'hp-diff {target}: status {done.returncode}\n{done.stderr}')
        with open(report) as f:
            said = json.load(f)
        self.causes |= {r['cause'] for r in said['refusals']}
        self.functions += len(said['changed']) + len(said['new'])
        if done.returncode == 0:
            self.patches.append(target)
        return done.returncode

    def ours(self):
        """Refusals that can only be a bug."""
        return self.causes & {'verify', 'out-of-reach', 'unknown-reference'}

    def try_all(self):
        """'patched', 'refused' or 'same'; raises Failure."""
        status = {self.diff(target) for target in self.how.targets()}
        if self.ours():
            raise Failure(f'refused: {" ".join(sorted(self.causes))}')
        if 1 in status:
            return 'refused'
        if status == {3}:
            self.want(self.old_says, 'OLD, which hp-diff takes for NEW')
            return 'same'
        self.hot()
        if self.unbound:
            return 'refused'
        self.cold()
        if self.can_live:
            self.live()
        return 'patched'

    def want(self, seen, what, wanted=None):
        wanted = wanted or self.new_says
        if seen != wanted:
            lines = difflib.unified_diff(
                wanted.split('\n'), (seen or 'nothing: it does not end').split('\n'), 'wanted', 'seen', n=0
            )
            raise Failure('\n'.join([what, *lines]))

    # ---- the ways -----------------------------------------------------------------------------------------------

    def hot(self):
        store = f'{self.work}/store'
        os.makedirs(store, mode=0o755)
        for target in self.patches:
            to = f'{store}/{build_id(f"{self.old}/{target}")}.hp.o'
            shutil.copyfile(f'{self.work}/out/{target}.hp.o', to)
            os.chmod(to, 0o644)
        said = run(self.old, store)
        self.unbound = self.how.is_library and said and 'cannot find an imported symbol' in said
        if self.unbound:
            self.causes.add('start:unbound')
        else:
            self.want(said, 'hot')

    def cold(self):
        cold = f'{self.work}/cold'
        shutil.copytree(self.old, cold)
        for target in self.patches:
            shutil.copy(f'{self.work}/out/{target}', f'{cold}/{target}')
        self.want(run(cold), 'cold')
        self.want(run(cold, f'{self.work}/store'), 'cold, with a store')

    def live(self):
        self.want(self.while_waiting([('apply', self.patches)]), 'live')
        self.want(self.while_waiting([('apply', self.patches), ('revert', [])]), 'applied and reverted', self.old_says)

    def while_waiting(self, commands):
        """The program runs to its constructor, hp-ctl does COMMANDS, the program runs on."""
        pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE}
        with subprocess.Popen(
            ['./prog'],
            cwd=self.old,
            env={**environment('/nonexistent'), 'HP_WAIT': '1'},
            text=True,
            errors='replace',
            **pipes,
        ) as child:
            try:
                if child.stderr.readline() != 'ready\n':
                    raise Failure('the program does not wait')
                for verb, targets in commands:
                    self.control(verb, targets, child.pid)
                out, err = child.communicate('x', timeout=LIMIT)
            except subprocess.TimeoutExpired:
                raise Failure('live: the program does not end') from None
            finally:
                child.kill()
        return ending(child, out, err)

    def control(self, verb, targets, pid, consistencies=('auto', 'function')):
        """Nobody is in a changed function. Where hp-ctl will not believe it, that is counted and it is told so."""
        files = [f'{self.work}/out/{t}.hp.o' for t in targets]
        for consistency in consistencies:
            done = subprocess.run(
                [
                    f'{self.tools}/hp-ctl',
                    verb,
                    '--pid',
                    str(pid),
                    '--timeout',
                    '2',
                    '--json',
                    f'--consistency={consistency}',
                    *files,
                ],
                capture_output=True,
                text=True,
                errors='replace',
                timeout=90,
            )
            if done.returncode == 0:
                return
            said = json.loads(done.stdout or '{}')
            self.reluctant |= {f'hp-ctl:{p.get("cause", "?")}' for p in said.get('processes', [])}
        raise Failure(f'hp-ctl {verb}: status {done.returncode}\n{done.stdout}{done.stderr}')


class Busy(Exception):
    """hp-ctl has refused."""


class MiddlePair(Pair):
    """Of programs that wait in the middle of their work, behind the line `----` (held.py)."""

    def live(self):
        """What is printed up to the line is OLD's, and then NEW's; or hp-ctl says why not, and OLD goes on."""
        before, line, _ = self.old_says.partition('----\n')
        after = self.new_says.partition('----\n')[2]
        try:
            self.want(self.while_waiting([('apply', self.patches)]), 'live', before + line + after)
            back = self.while_waiting([('apply', self.patches), ('revert', [])])
            self.want(back, 'applied and reverted', self.old_says)
        except Busy:
            pass

    def control(self, verb, targets, pid, consistencies=('auto',)):
        try:
            super().control(verb, targets, pid, consistencies)
        except Failure:
            if not self.reluctant:
                raise
            raise Busy from None
