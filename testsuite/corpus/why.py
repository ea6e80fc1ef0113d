# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a patch holds more functions than the fix edits: for each of the others, the edited function that is inlined into
it as the debugging information has it, else hp-diff's own reason."""
import importlib.machinery, importlib.util, os, re, subprocess
from packages import CORPUS, output

MANY = 12


def demangled(names):
    text = subprocess.run(['c++filt', '-p'], input='\n'.join(names), stdout=subprocess.PIPE, text=True).stdout
    return dict(zip(names, text.split('\n')))


def words(name):
    return set(re.findall(r'\w+', name.split('(')[0]))


def touched(trial):
    """Names of the functions whose text the fix touches, as the corpus's driver finds them."""
    loader = importlib.machinery.SourceFileLoader('corpus', os.path.join(CORPUS, 'corpus'))
    driver = importlib.util.module_from_spec(importlib.util.spec_from_loader('corpus', loader))
    loader.exec_module(driver)
    return driver.edited_functions(trial.out)[0]


def places(file):
    """Where the functions of a file are: name -> (address, size)."""
    lines = (l.split() for l in output(['nm', '-S', '--defined-only', file])[1].split('\n'))
    return {l[3]: (int(l[0], 16), int(l[1], 16)) for l in lines if len(l) == 4}


def inlined(file, place):
    """Names of all source functions whose code is there."""
    addr, size = place
    step = max(1, size // 2000)
    asked = '\n'.join('%#x' % a for a in range(addr, addr + size, step))
    text = subprocess.run(['addr2line', '-fie', file], input=asked, stdout=subprocess.PIPE, text=True).stdout
    return set(text.split('\n')[::2])


def reasons_of(trial, name, report, edited):
    file, names = trial.side('new', name), touched(trial)
    where, plain = places(file), demangled(report['changed'])
    for function in report['changed']:
        if edited & words(plain[function]):
            continue
        inside = inlined(file, where[function]) if function in where else set()
        inside = sorted(inside & (names | edited) - {function})
        reason = 'inlines ' + ', '.join(inside) if inside else report['reasons'].get(function, '').split(': ')[0]
        yield plain[function], reason
    yield from ((f, 'new') for f in report['new'])


def more(trial, labels):
    """LABELS: the edited functions. The other ones of the patch, for people, with the reason of each."""
    edited = {w for label in labels for w in words(label)}
    told = {}
    for name, report in trial.reports.items():
        if report.get('changed') or report.get('new'):
            told.update(reasons_of(trial, name, report, edited))
    rest = ['%s (%s)' % t for t in sorted(told.items())]
    return '; '.join(rest[:MANY] + (['%d others' % (len(rest) - MANY)] if len(rest) > MANY else [])).replace('|', '\\|')
