# SPDX-License-Identifier: GPL-3.0-or-later
#
# Debian's sources for the scripts that build real programs; to be sourced in the directory that holds them:
#
#	. "$top/testsuite/sources.sh"
#	fetch nginx                 the unpacked, patched source in nginx/

# The machine's own package sources with deb-src in place of deb, apart from the system's apt.
source_lists() {
	mkdir -p apt/lists/partial apt/parts
	: >apt/list
	local f
	for f in /etc/apt/sources.list.d/*.sources; do
		if [ -e "$f" ]; then sed 's/^Types:.*/Types: deb-src/' "$f" >"apt/parts/${f##*/}"; fi
	done
	if [ -e /etc/apt/sources.list ]; then sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >apt/list; fi
	apt_options="-oDir::Etc::SourceList=$PWD/apt/list -oDir::Etc::SourceParts=$PWD/apt/parts -oDir::State::Lists=$PWD/apt/lists"
	apt-get $apt_options -qq update
}

# The versions that the lists name, newest first: a mirror may not have the newest yet.
versions() { apt-cache $apt_options showsrc "$1" | sed -n 's/^Version: //p' | sort -Vru; }

# fetch PACKAGE: its unpacked source in PACKAGE/, its version in PACKAGE.version
fetch() {
	[ ! -d "$1" ] || return 0
	[ -n "${apt_options-}" ] || source_lists
	local version
	for version in $(versions "$1"); do
		rm -rf "$1.tmp"
		mkdir "$1.tmp"
		(cd "$1.tmp" && apt-get $apt_options -qq source "$1=$version" >../"$1.log" 2>&1 && rm -f ./*.*z* ./*.dsc &&
			mv ./* "../$1") || continue
		rmdir "$1.tmp"
		echo "$version" >"$1.version"
		return
	done
	cat "$1.log" >&2
	echo "cannot fetch the source of '$1'" >&2
	return 1
}
