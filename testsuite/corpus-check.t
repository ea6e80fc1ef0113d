#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# corpus-check with a corpus of its own, whose driver is a few lines: entries that build and that do not, two of one
# package in a tree that both use, and what is built again when it is run twice.
. "${0%/*}/lib.sh"
need_tool python3

mkdir -p corpus/recipes
export CORPUS=$T/corpus CORPUS_WORK=$T/work CORPUS_APT='' RESULTS=$T/results.md BUILD=$build
unset CORPUS_ENTRIES CORPUS_PLUGIN RELEASES IDENTITY JOBS

# limit() returns the entry's number in NEW and 0 in OLD. The package's tests know what the tree's NEW prints.
cat > corpus/corpus <<'EOF'
#!/usr/bin/env python3
import csv, json, os, subprocess, sys
HERE, WORK = os.path.dirname(os.path.abspath(__file__)), os.environ['CORPUS_WORK']
SOURCE = '''%s#include <stdio.h>
__attribute__((noinline)) int limit(void) { return %s; }
int main(void) { printf("limit %%d\\n", limit()); return 0; }
'''

# What only the program has that loads it: without that the loader refuses the file.
EXTENSION = 'extern int host_limit(void); int (*host)(void) = host_limit;\n'

# A server in the background; there can be no second one at its address.
SERVER = r'''
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
__attribute__((constructor)) static void serve(void)
{
    struct sockaddr_un where = { AF_UNIX };
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    strncpy(where.sun_path + 1, getenv("RESULTS"), sizeof(where.sun_path) - 2);
    if (bind(s, (void *)&where, sizeof(where)))
        _exit(1);
    if (fork() == 0) {
        close(1), close(2), setsid();
        for (;;)
            pause();
    }
}
'''

MOVED, NUMBER = {'moved': '\n\n'}, {'moved': 0}

def edited_functions(out):
    return {'limit'}, []

def build(entry, flags):
    tree, out = os.path.join(WORK, 'build', entry['package']), os.path.join(WORK, 'out', entry['entry'])
    open(os.path.join(HERE, 'built'), 'a').write(entry['entry'] + '\n')
    os.makedirs(tree, exist_ok=True)
    log = open(tree + '.log', 'w')
    file, more, shared = 'limit', '', []
    if entry['package'] == 'server':
        more = SERVER
    if entry['package'] == 'extension':
        file, more, shared = 'limit.so', EXTENSION, ['-fPIC', '-shared']
    for side, limit in ('old', 0), ('new', entry['patches']):
        os.makedirs(os.path.join(out, side), exist_ok=True)
        source = SOURCE % (MOVED.get(limit, ''), NUMBER.get(limit, limit))
        open(tree + '/limit.c', 'w').write(source + more)
        if subprocess.call(['gcc', *flags, *shared, '-o', os.path.join(out, side, file), 'limit.c'], cwd=tree,
                           stderr=log):
            print(json.dumps({'entry': entry['entry'], 'failed': side}))
            return 1
    open(tree + '/expect', 'w').write('limit %s\n' % entry['patches'])
    print(json.dumps({'entry': entry['entry'], 'mode': entry['mode']}))

def test(entry, file):
    expect = open(os.path.join(WORK, 'build', entry['package'], 'expect')).read()
    return subprocess.check_output([file]).decode() != expect

options, command, words = sys.argv[1:7], sys.argv[7], sys.argv[8:]
entry = {e['entry']: e for e in csv.DictReader(open(HERE + '/entries.tsv'), delimiter='\t')}[words[-1]]
if command == 'build':
    sys.exit(build(entry, (options[3] + ' ' + options[5]).split()))
if command == 'test':
    sys.exit(test(entry, words[1].split('=')[1]))
out = os.path.join(WORK, 'out', entry['entry'], 'compare.json')
json.dump({'edited': 1, 'edited_funcs': ['limit']}, open(out, 'w'))
EOF
chmod +x corpus/corpus

entry() { printf '%s\t%s\tCVE-0\t%s\t%s\tC\tsmall\tlimit.c\n' "$@" >> corpus/entries.tsv; }
printf 'entry\tpackage\tcve\tpatches\tmode\tlang\ttype\tcode\n' > corpus/entries.tsv
entry suite-1 suite 1 full
entry suite-2 suite 2 upto
entry suite-3 suite 3 upto
entry broken-1 broken broken full
entry plain-1 plain 1 full
entry same-1 plain 0 full
entry moved-1 plain moved full
entry extension-1 extension 1 full
entry server-1 server 1 full
entry lacking-1 lacking 1 full
echo 'tests_kind=suite' > corpus/recipes/suite.sh
echo 'apt=no-such-package-anywhere' > corpus/recipes/lacking.sh
touch corpus/recipes/{broken,extension,plain,server}.sh

check() { LIMIT=300 run "$top/testsuite/corpus-check" "$@"; }
built() { sort corpus/built 2>/dev/null | uniq -c | awk '{ print $2, $1 }'; }

# row ENTRY: startup, live, cold, tests and cause as the table has them
row() { awk -F ' *[|] *' -v e="$1" '$2 == e { print $10, $11, $12, $13, $15 }' OFS=', ' results.md; }

check suite-1 suite-2 broken-1 plain-1 same-1 moved-1
is "$status" 1 'an entry that does not build is told by the status'
like "$out" 'not tried: does not build \(new\); see .*broken-1\.log' 'and by name of the side and the log'
like "$(<work/build/broken-1.log)" 'broken. undeclared' 'which is kept'
is "$(row broken-1)" 'not tried, not tried, not tried, does not build (new), -' 'and in the table'
is "$(row suite-1)" 'yes, generic, yes, suite, -' "the package's tests run with the patched files"
is "$(row suite-2)" 'yes, generic, yes, suite, -' 'also those of the second entry of a package'
is "$(row plain-1)" 'yes, generic, yes, alone, -' 'where a package has no tests its file is tried alone'
is "$(row moved-1)" 'no difference, no difference, no difference, -, -' 'where only lines move'
is "$(row same-1)" 'not tried, not tried, not tried, OLD and NEW are the same bytes, -' 'where NEW was not built'
like "$(<results.md)" '6 entries: 4 at startup, live and cold.* 0 refused; 2 not tried; 0 wrong\.' 'the totals'

check extension-1 server-1
is "$(row extension-1)" 'yes, generic, yes, alone, -' 'a library that expects symbols of the program that loads it'
is "$(row server-1)" 'yes, generic, yes, alone, -' 'a server that goes into the background is ended'

rm corpus/built
check suite-1 plain-1
is "$status" 0 'what was built is taken again'
is "$(row suite-1)" 'yes, generic, yes, suite, -' 'where the tree has become that of another entry, too'
is "$(built)" 'suite-1 1' 'only what the tests of the package need is built again'
like "$(<results.md)" '8 entries:' 'rows of other entries stay'
rm corpus/built
check suite-2 suite-3
is "$status $(built | tr '\n' ' ')" '0 suite-2 1 suite-3 1 ' 'two entries, each in a state of its own'
rm corpus/built
check suite-3
is "$status $(built)" '0 ' 'once more the last one: nothing is built'

echo '# other flags' >> corpus/recipes/plain.sh
check plain-1
is "$(built)" 'plain-1 1' 'what another recipe built is not taken'

# meson puts the objects of a program beside it, into a directory of its name
cat > corpus/recipes/plain.sh <<'EOF'
elfs='limit*'
build() { mkdir -p limit.p; $CC $CFLAGS $LDFLAGS -o limit limit.c; }
EOF
IDENTITY=1 check plain-1
like "$status $out" '^0 .*limit: no difference' 'the same program with moved lines, built by the recipe'

if [ "$(id -u)" != 0 ]; then
	check lacking-1
	is "$(row lacking-1)" 'not tried, not tried, not tried, packages are missing, -' 'a package is missing'
	like "$out" 'as root: apt-get install no-such-package-anywhere' 'and named'
fi
done_testing
