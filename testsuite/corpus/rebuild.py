# SPDX-License-Identifier: GPL-3.0-or-later
"""The package once more, in the tree that stands in the state NEW, with some of its source files changed."""
import os, shutil
from builds import forget_state, read, state_file, write
from packages import TOP, WORK
from releases import make, save


def include():
    """A directory with <hotpatch.h> and nothing else, as an installation would have it."""
    d = os.path.join(WORK, 'include')
    os.makedirs(d, exist_ok=True)
    shutil.copy(os.path.join(TOP, 'runtime', 'hotpatch.h'), d)
    return d


def build_changed(package, files, change, where, log):
    """CHANGE rewrites some of FILES; the outputs go into WHERE, and the tree becomes what it was. The exit status of
    the build."""
    tree = os.path.join(WORK, 'build', package)
    state = read(state_file(package))
    forget_state(package)
    kept = {f: open(f, encoding='latin-1', newline='').read() for f in files}
    try:
        change()
        status = make(package, tree, log, ['build'], CPATH=include())
        if status == 0:
            save(package, tree, where)
    finally:
        for name, text in kept.items():
            open(name, 'w', encoding='latin-1', newline='').write(text)
    if make(package, tree, log + '.back', ['build']) == 0:
        write(state_file(package), state)
    return status
