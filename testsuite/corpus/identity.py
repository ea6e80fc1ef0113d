# SPDX-License-Identifier: GPL-3.0-or-later
"""The same program once more, built after its lines moved: hp-diff must see no difference.

After each function of the sources that the fix touches, and of the headers beside them, blank lines are put in; then
the package is built on, in the same tree. Only line numbers, in the code and in the debugging information, tell the
two builds apart."""
import glob, os, re
from packages import WORK, say
from rebuild import build_changed
from trial import hp_diff

SOURCES = ('.c', '.cc', '.cpp', '.h', '.hh')


def moved(text):
    """A comment at the top, and blank lines after each brace that stands alone in column 1, maybe in a comment."""
    return '/* moved */\n\n\n' + re.sub(r'(?m)^(}\n)', r'\1\n\n\n', text)


def sources(entry, tree):
    code = [os.path.join(tree, f) for f in entry['code'].split() if f.endswith(SOURCES)]
    headers = [h for d in {os.path.dirname(f) for f in code} for h in glob.glob(os.path.join(d, '*.h'))]
    return sorted({f for f in code + headers if os.path.isfile(f) and not os.path.islink(f)})


def move(files):
    for name in files:
        with open(name, encoding='latin-1', newline='') as f:
            text = f.read()
        with open(name, 'w', encoding='latin-1', newline='') as f:
            f.write(moved(text))


def identity(entry):
    """Builds the moved program on top of NEW and compares; True when nothing but lines differs."""
    out = os.path.join(WORK, 'out', entry['entry'])
    where, log = os.path.join(out, 'moved'), os.path.join(WORK, 'build', entry['package'] + '.moved.log')
    files = sources(entry, os.path.join(WORK, 'build', entry['package']))
    if build_changed(entry['package'], files, lambda: move(files), where, log):
        say('  the moved sources do not build; see', log)
        return False
    good, differing = True, 0
    for name in sorted(os.listdir(where)):
        new = os.path.join(out, 'new', name)
        if not os.path.exists(new) or open(new, 'rb').read() == open(os.path.join(where, name), 'rb').read():
            continue
        status, text, error = hp_diff('--dry-run', new, os.path.join(where, name))
        say('  %s: %s' % (name, 'no difference' if status == 3 else 'WRONG, status %d: %s' % (status, text + error)))
        good, differing = good and status == 3, differing + 1
    if not differing:
        say('  the bytes of both builds are the same: nothing was tried')
    return good and differing > 0
