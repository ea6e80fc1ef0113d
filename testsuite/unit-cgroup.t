#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Memory cgroups of either version, as files: which limits count, and what can be taken back before anybody is killed.
. "${0%/*}/lib.sh"

ok 'the reader builds' $CC -Wall -I"$top/runtime" "$top/testsuite/unit-cgroup.c" -o unit

# v2 GROUP LIMIT USED [STAT...], v1 likewise: what the cgroup's files hold
v2() { group "$1" max current "${@:2}"; }
v1() { group "$1" limit_in_bytes usage_in_bytes "${@:2}"; }
group() {
	mkdir -p "tree/$1"
	echo "$4" >"tree/$1/memory.$2"
	echo "$5" >"tree/$1/memory.$3"
	{ echo 'anon 1'; printf '%s\n' "${@:6}"; } >"tree/$1/memory.stat"
}
# mounted ROOT [POINT]: where the hierarchy's ROOT is seen, of version 2; as_v1 makes it the other
mounted() { echo "30 20 0:27 $1 $PWD/${2-tree} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate" >mounts; }
as_v1() { sed -i 's/- cgroup2 cgroup2 .*/- cgroup cgroup rw,memory/' mounts; }
# in_group LINE: of the process's file `cgroup`
in_group() { mkdir -p p; printf '%s\n' "$@" >p/cgroup; }
room_is() { is "$(./unit p "$2")" "$1" "$3"; }

mounted /
in_group 0::/a/b
v2 a max 5000000
v2 a/b 1000000 900000
room_is room 100000 'v2: up to its limit'
room_is full 100001 'v2: not beyond'
v2 a/b max 900000
room_is room 100001 'v2: there may be none'
v2 a 5000000 4950000
room_is room 50000 'v2: the one above has a limit'
room_is full 50001 'v2: which counts, too'
v2 a 5000000 4950000 'inactive_file 200000' 'active_file 100000' 'file_dirty 50000' 'file_writeback 0'
room_is room 300000 'v2: files that can be dropped'
room_is full 300001 'v2: but for those to be written first'
in_group 0::/
room_is room 1000000000 'v2: the root has no limit'
v2 . 1000000 900000
room_is full 100001 'v2: but the root that a container sees has'
rm tree/memory.*
in_group 0::/../other
room_is room 1000000000 'v2: what is out of sight is not counted'
in_group 0::/a..b/c
v2 a..b/c 1000 900
room_is full 101 'v2: dots in a name'

# A part of the hierarchy, and a mount point whose name has a space.
rm -r tree
mounted /docker/12 'my\040tree'
ln -s 'my tree' tree
mkdir 'my tree'
v2 job 1000 900
in_group 0::/docker/12/job
room_is full 101 'v2: a part is mounted'
room_is room 100 'v2: with room'
in_group 0::/docker/123/job
room_is room 101 'v2: another that begins alike is none of it'

# Version 1 counts where both are mounted and it has memory.
mounted /
as_v1
in_group 0::/job '4:cpu,memory:/job' '3:memoryless:/other'
rm -r tree/*
v1 job 1000 900
room_is full 101 'v1: not beyond its limit'
v1 job 1000 900 'total_inactive_file 100' 'total_active_file 0' 'total_dirty 20' 'total_writeback 10'
room_is room 170 'v1: files that can be dropped'
room_is full 171 'v1: but for those to be written first'
v1 job 9223372036854771712 900
room_is room 1000000000 'v1: no limit'
in_group 0::/job
v1 job 1000 900
room_is room 101 'v1: the process is in none'
sed -i 's/rw,memory$/rw,memoryless/' mounts
in_group 4:memory:/job
room_is room 101 'v1: another controller of a name that begins alike'
echo nonsense >mounts
room_is room 101 'nothing is mounted'
done_testing
