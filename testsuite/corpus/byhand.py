# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person added to a fix, so that it can go into processes that run: by-hand/ENTRY.patch, on top of NEW."""
import os, re
from builds import build
from packages import HERE, WORK, output, plugin
from rebuild import build_changed


def patch_of(entry):
    name = os.path.join(HERE, 'by-hand', entry['entry'] + '.patch')
    return name if os.path.exists(name) else None


def lines(entry):
    """Lines that the person wrote."""
    return sum(l.startswith('+') and not l.startswith('+++') and l != '+\n' for l in open(patch_of(entry)))


def patched_files(name, tree):
    return [os.path.join(tree, f) for f in re.findall(r'(?m)^\+\+\+ b/(\S+)', open(name).read())]


def build_by_hand(entry):
    """Outputs into out/ENTRY/by-hand; what is wrong, or None."""
    package, patch = entry['package'], patch_of(entry)
    tree, out = os.path.join(WORK, 'build', package), os.path.join(WORK, 'out', entry['entry'])
    stamp, mark = os.path.join(out, 'by-hand.of'), plugin() + '\n' + open(patch).read()
    if os.path.exists(stamp) and open(stamp).read() == mark:
        return None
    trouble = build(entry, tree=True)
    if trouble:
        return trouble
    said = []

    def change():
        said.extend(output(['patch', '-p1', '--fuzz=0', '--no-backup-if-mismatch', '-d', tree, '-i', patch]))
        if said[0]:
            raise OSError(said[1])

    log = os.path.join(WORK, 'build', package + '.by-hand.log')
    if build_changed(package, patched_files(patch, tree), change, os.path.join(out, 'by-hand'), log):
        return 'does not build with what was written by hand; see ' + log
    open(stamp, 'w').write(mark)
    return None
