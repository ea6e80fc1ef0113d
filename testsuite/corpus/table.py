# SPDX-License-Identifier: GPL-3.0-or-later
"""testsuite/corpus-results.md: one row an entry, totals at the top."""
import collections, os, re, statistics
from packages import HERE

RESULTS = os.environ.get('RESULTS', os.path.join(os.path.dirname(HERE), 'corpus-results.md'))
COLUMNS = ['entry', 'language', 'kind of change', 'changed', 'in the patch', 'redirected', 'patch bytes', 'hp-diff s',
           'startup', 'live', 'cold', 'tests', 'effect', 'cause of refusal', 'lines by hand', 'more than the fix edits']

ABOUT = """# Real security fixes

Made by `make check-corpus`. Functions are counted over all outputs of the package that the fix changes.

* changed: functions whose source text the fix touches and whose code differs; in the patch: those and all that must
  come along, new ones too; the last column names these and says why, where they are more than half as many again.
* hp-diff s: seconds of processor time, for all files.
* live: yes: `hp-ctl` applied in the middle of work (a server under way, a program that calls the library in a loop),
  and everything that 'generic' says; generic: every process of the tests was patched while it waited before main(),
  and each file alone went through apply, check, revert, apply while its process ran; cannot: hp-ctl's cause.
* cause of refusal: why there is no patch for running processes; where startup and cold say yes, there is one for
  processes that start (`hp-diff --startup`).
* tests: suite: the package's own, loading the patched file; test: a script of ours; alone: started or loaded only.
  Where there was nothing to test: why.
* effect: the fix itself was seen: OLD differs from NEW, each patched way is like NEW.
* lines by hand: what a person had to write for the patch, for processes that run: corpus/by-hand/ENTRY.patch, or accept
  options. The columns before say how the fix with these lines did; the cause is that of the fix as it is.

"""

NOT_TRIED = 'not tried'


def went(row):
    done = ('yes', 'generic', 'no difference')
    return row['startup'] in done and row['cold'] in done and row['live'] in done


def ratio(row):
    """Functions in the patch over functions that the fix changed; None where there is no such number."""
    try:
        changed, patch = int(row['changed']), int(row['in the patch'])
    except ValueError:
        return None
    return patch / changed if changed and patch else None


def read_rows(name):
    if not os.path.exists(name):
        return {}
    cells = [[c.strip() for c in re.split(r'(?<!\\)\|', l.strip().strip('|'))] for l in open(name) if l.startswith('|')]
    return {c[0]: dict(zip(cells[0], c)) for c in cells[2:]}


def only_startup(row):
    return row['startup'] == row['cold'] == 'yes' and row['live'].startswith('cannot')


def verdict(row):
    """One word for what became of an entry."""
    if 'wrong' in (row['startup'], row['live'], row['cold']):
        return 'wrong'
    if went(row):
        return 'good'
    if only_startup(row):
        return 'startup'
    return 'refused' if row['cause of refusal'] != '-' else NOT_TRIED


def totals(rows):
    good = [r for r in rows.values() if verdict(r) == 'good']
    count = collections.Counter(map(verdict, rows.values()))
    ratios = [x for x in map(ratio, good) if x]
    text = '%d entries: %d at startup, live and cold, %d of them with no line by hand, %d in the middle of work; ' % (
        len(rows), len(good), sum(str(r['lines by hand']) == '0' for r in good), sum(r['live'] == 'yes' for r in good))
    text += '%d at startup and cold, with a reason against running processes; %d refused; %d not tried; %d wrong.\n' % (
        count['startup'], count['refused'], count[NOT_TRIED], count['wrong'])
    if ratios:
        text += '\nFunctions in the patch over functions that the fix changed: median %.1f, %d of %d above 1.5.\n' % (
            statistics.median(ratios), sum(x > 1.5 for x in ratios), len(ratios))
    return text


def write_rows(rows, columns, head, name):
    table = [columns, ['---'] * len(columns)] + [[str(rows[n].get(c, '-')) for c in columns] for n in sorted(rows)]
    with open(name + '.tmp', 'w') as f:
        f.write(head + '\n')
        f.write(''.join('| %s |\n' % ' | '.join(l) for l in table))
    os.rename(name + '.tmp', name)


def add_row(row):
    """Of an entry of the corpus, into testsuite/corpus-results.md."""
    rows = {**read_rows(RESULTS), row['entry']: row}
    write_rows(rows, COLUMNS, ABOUT + totals(rows), RESULTS)
