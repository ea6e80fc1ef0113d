# SPDX-License-Identifier: GPL-3.0-or-later
"""OLD and NEW of an entry, built by the corpus's driver, and kept: out/ENTRY/made tells what they were built with.

All entries of a package are built in one tree, build/PACKAGE, and tests of the package take files out of it. So that
tree must be NEW of the entry under test: build/PACKAGE.state tells what it is, out/ENTRY/state what it should be."""
import json, os, shutil
from packages import CORPUS, HERE, WORK, driver, plugin, recipe


def read(name):
    if not os.path.exists(name):
        return None
    with open(name) as f:
        return f.read()


def write(name, text):
    with open(name, 'w') as f:
        f.write(text)


def out(entry, name):
    return os.path.join(WORK, 'out', entry['entry'], name)


def state_file(package):
    return os.path.join(WORK, 'build', package + '.state')


def forget_state(package):
    """The tree is about to become something else."""
    if os.path.exists(state_file(package)):
        os.unlink(state_file(package))


def ingredients(entry):
    """What all builds of the package depend on."""
    return plugin() + '\n' + read(os.path.join(CORPUS, 'recipes', entry['package'] + '.sh'))


def tree_used(package):
    """Are there tests, the package's own ones or ours, that use the tree?"""
    return recipe(package, 'tests_kind') == 'suite' or os.path.exists(os.path.join(HERE, package))


def is_made(entry, tree):
    if read(out(entry, 'made')) != ingredients(entry) + entry['patches']:
        return False
    return not tree or read(state_file(entry['package'])) == read(out(entry, 'state'))


def keep_log(entry):
    """The log of the build under the entry's name; the package's next entry may begin the driver's anew."""
    log, kept = (os.path.join(WORK, 'build', name + '.log') for name in (entry['package'], entry['entry']))
    if os.path.exists(log):
        shutil.copy(log, kept)
    return kept


def build(entry, tree=False):
    """Builds OLD and NEW unless they are there; what is wrong, or None. TREE: the tree is needed as NEW, even where no
    test uses it."""
    package = entry['package']
    if is_made(entry, tree or tree_used(package)):
        return None
    forget_state(package)
    status, text, error = driver('build', entry['entry'])
    try:
        told = json.loads(text.strip().split('\n')[-1])
    except ValueError:
        told = {'failed': (text + error).strip().split('\n')[-1].split(', see ')[0]}
    if status or 'failed' in told:
        return 'does not build (%s); see %s' % (told.get('failed', status), keep_log(entry))
    # NEW of every fix that can be taken out of the whole series is the whole series
    state = ingredients(entry) + ('' if told['mode'] == 'full' else entry['patches'])
    write(out(entry, 'state'), state)
    write(state_file(package), state)
    write(out(entry, 'made'), ingredients(entry) + entry['patches'])
    return None
