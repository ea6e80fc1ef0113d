/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gate of hp-ctl (runtime/ctl-gate.c), in the direction from the old code to the new.
 *
 * One word holds phase and verdict. Two callers call the changed function again and again; a call may never return,
 * and may bear a third thread that is where its parent is. The tool closes the gate, looks at each thread once, one
 * after another, gives its verdict, and tries again or gives up. It may be killed between any two of its steps; then
 * a second run may come and clear up. A caller that waits may lose patience at any moment, so nothing rests on how
 * long a lease is, nor on how long the tool takes: its last resort is longer than any lease.
 *
 *   assert      once a thread has taken the new side, nobody is in old code, and nobody gets there again
 *   progress    no caller waits for ever, whatever becomes of the tool (no non-progress cycle under weak fairness)
 *
 * Each of these takes one guard away, and the test sees to it that spin finds what then goes wrong:
 *   NO_LOOK      the verdict does not depend on the threads
 *   NO_BORN      threads born meanwhile are not looked at
 *   SPLIT_READ   a waiting thread reads phase and verdict one after the other
 *   HALF_WORD    the exchange of an impatient thread compares the phase only
 *   BLIND        the tool does not read back whether its verdict came in time
 *   NO_LEASE     waiting threads never lose patience
 *   KEEP_HELD    who was stopped in the gate, so that others get the processor, is not let go when all is decided
 * HOLD: whom the tool finds waiting in the gate it stops until it has decided. KEEP_HELD needs that.
 * NO_CHILD leaves the third thread out, where it makes no difference and the search is long.
 */
mtype = { OLD, CLOSED, NEW, NONE };

mtype phase = OLD, verdict = NONE;
bool alive[3], inside[3];               /* inside: in old code, or past the question and on the way there */
bool someone_new, killed;
bool waits[2], held[2];                 /* in the gate, with no answer; stopped there by the tool */
bit attempts;                           /* two of them show all that more could, and keep the state space small */

inline enter_old() {
	inside[me] = true;
	assert(!someone_new)
}

/* What a caller knew of the word means nothing to him behind the gate: one value for it keeps the state space small. */
inline forget() {
	v = NONE;
	turns = 0
}

/* A thread that is born inside leaves, or stays there. */
proctype born()
{
	inside[2] = false
}

proctype caller(bit me)
{
	mtype v = NONE;
#ifdef SPLIT_READ
	mtype p;
#endif
	bit turns;
call:
	/* What stands behind the question counts as inside, so question and answer are one step. */
	atomic {
		waits[me] = phase == CLOSED;
		if
		:: phase == OLD -> enter_old(); goto run_old
		:: phase == NEW -> goto run_new
		:: phase == CLOSED
		fi
	}
wait:
#ifdef SPLIT_READ
	p = phase;
	v = verdict;
	if
	:: v == NEW -> forget(); goto run_new
	:: v != NEW && p != CLOSED -> forget(); goto call
	:: else
	fi;
#else
	atomic { !held[me] ->
		if
		:: phase != CLOSED -> forget(); goto again
		:: phase == CLOSED && verdict == NEW -> forget(); goto run_new
		:: else -> v = verdict
		fi
	}
#endif
	if
#ifdef NO_LEASE
	:: v == NONE -> goto wait
	:: v == OLD -> goto wait
#else
	:: v == NONE && turns == 0 -> turns = 1; goto wait
	:: atomic { !held[me] ->
		if
#ifdef HALF_WORD
		:: phase == CLOSED -> phase = OLD; verdict = NONE
#else
		:: phase == CLOSED && verdict == v -> phase = OLD; verdict = NONE
#endif
		:: else
		fi;
		forget()
	   };
	   goto call
#endif
	fi;
again:
	skip;           /* a jump from one atomic sequence into another would make them one */
	goto call;
run_old:
	skip;
	if
	:: true
#ifndef NO_CHILD
	:: atomic { !alive[2] -> alive[2] = true; inside[2] = true; run born() }
#endif
	:: goto stay
	fi;
	inside[me] = false;
progress_old:
	goto call;
run_new:
	skip;
	atomic {
		waits[me] = false;
		someone_new = true;
		assert(!inside[0] && !inside[1] && !inside[2])
	}
progress_new:
	goto call;
stay:
	skip
}

/* gate_recover(): whoever still waits gets the verdict that he would take himself; then as ever. */
inline one_run() {
	if
	:: phase == CLOSED && verdict == NONE -> verdict = OLD
	:: else
	fi;
	if
	:: phase == CLOSED && verdict == NEW -> phase = NEW
	:: phase == CLOSED && verdict != NEW -> phase = OLD
	:: else
	fi;
	do
	:: phase == NEW -> break
	:: phase == OLD -> break        /* gives up */
	:: phase == OLD && attempts == 0 ->
		attempts = 1;
		verdict = NONE;
		phase = CLOSED;
		do
		:: i < 2 || (i == 2 && alive[2]) ->
#ifdef NO_BORN
			if :: i == 2 -> break :: else fi;
#endif
#ifndef NO_LOOK
			busy = busy || inside[i];
#endif
#ifdef HOLD
			if
			:: i < 2 && waits[i] -> held[i] = true
			:: else
			fi;
#endif
			i++
		:: i >= 2 && (i == 3 || !alive[2]) -> break
		od;
		if
		:: busy -> verdict = OLD
		:: !busy -> verdict = NEW
		fi;
		if
#ifdef BLIND
		:: !busy -> phase = NEW
#else
		:: phase == CLOSED && !busy -> phase = NEW
		:: phase == OLD && !busy        /* too late */
#endif
		:: busy -> phase = OLD
		fi;
		atomic {
			i = 0;
			busy = false;
#ifndef KEEP_HELD
			held[0] = false;
			held[1] = false
#endif
		}
	od
}

proctype tool()
{
	byte i;
	bool busy;

	{ one_run() } unless { killed }
}

proctype second_tool()
{
	byte i;
	bool busy;

	one_run()
}

init {
	atomic {
		alive[0] = true;
		alive[1] = true;
		run caller(0);
		run caller(1);
		run tool()
	}
	if
	:: atomic {             /* the kernel lets go of whom a dead tool has stopped */
		killed = true;
		attempts = 0;
		held[0] = false;
		held[1] = false
	   };
	   if
	   :: run second_tool()
	   :: skip
	   fi
	:: skip
	fi
}
