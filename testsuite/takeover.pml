/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One patch takes over from another (runtime/ctl-replace.c), through the gate.
 *
 * Three functions stand for all: F, which both patches change; G, which only the first (v1) does; H, which only the
 * second (v2) does. Side 0 of each is what it was while v1 was active: v1's code, for H the function of the old
 * build. Side 1 is v2's code, for G the function of the old build. How a caller gets to a side is modelled as it is
 * in memory: the entry is the old function or leads to the room, the room leads to a side or to the gate, the gate
 * asks its word. Between these steps anything may happen.
 *
 * The tool loads v2, leads all to the gate, closes it once, looks at one caller after another, gives the verdict,
 * leads all straight to where they belong, and removes the patch that is left when nobody is in there or on the way.
 * It may be killed between any two writes; then a second tool settles what it left. The gate by itself, with its
 * leases and threads that are born, is gate.pml's; here a caller that waits loses patience soon.
 *
 * With HOOKS v2 has hooks to run: whoever is to go to side 1 asks for their verdict first, or runs them, and goes to side 0
 * if they do not consent. The tool leads nobody straight to v2 before they have.
 *
 *   assert      v1 and v2 never mix; nobody is led to code, a room or a gate that is not there, nor to the old F
 *   progress    no caller waits for ever
 *
 * Each of these takes one step away, and the test sees to it that spin finds what then goes wrong:
 *   NO_LOOK      the verdict does not depend on the callers
 *   LATE_ENTRY   the entry of H is led to the gate after the gate has closed
 *   CLEAN_EARLY  what is left is removed at once
 *   DROP_ROOM    a room that leads nowhere any more is emptied together with its entry
 *   FORGET_WORD  the second tool does not ask the gate which side it was decided for
 *   STAY_CLOSED  the second tool leaves the word of the gate as it is
 *   NO_LEASE     a caller that waits never loses patience
 *   FORGET_HOOKS neither tool asks what the hooks said
 * ONLY_H leaves the other functions out where they make no difference and the search is long.
 */
#define F 0
#define G 1
#define H 2
#define NOBODY 3

mtype = { OLD, CLOSED, NEW, NONE, NOTHING, TO0, TO1, GATE, LOADING, LOADED, LEFT, PENDING, RUNNING, CONSENT, OFF };

mtype phase = OLD, verdict = NONE;
bool gate, v1 = true, v2;               /* what is in the arena */
mtype room[3];
bool entry[3];                          /* it leads to the room */
mtype beside = NONE;
bit named;                              /* what the registry names: 0 for v1 */
byte at_room[2] = NOBODY, at_gate[2] = NOBODY;  /* on the way: which function's; at_gate: past no question */
byte in0[2] = NOBODY, in1[2] = NOBODY;  /* in the code of a side: of which function */
bool decided;                           /* somebody has been on side 1 */
bool killed;
#ifdef HOOKS
mtype hooks = PENDING;
#else
mtype hooks = CONSENT;
#endif

inline enter(side) {
	if
	:: side == 0 ->
		assert(!decided);
		assert(fn == H || v1);
		in0[me] = fn
	:: side == 1 ->
		assert(in0[0] == NOBODY && in0[1] == NOBODY);
		assert(fn == G || v2);
		decided = true;
		in1[me] = fn
	fi
}

proctype caller(bit me)
{
	byte fn;
	bool waited;
call:
	atomic {
		if
#ifndef ONLY_H
		:: fn = F
		:: fn = G
#endif
		:: fn = H
		fi;
		if
		:: entry[fn] -> at_room[me] = fn
		:: !entry[fn] && fn == H -> enter(0); goto inside
		:: !entry[fn] && fn == G -> enter(1); goto inside
		:: !entry[fn] && fn == F -> assert(false)
		fi
	}
	atomic {
		assert(room[fn] != NOTHING);
		at_room[me] = NOBODY;
		if
		:: room[fn] == TO0 -> enter(0); goto inside
		:: room[fn] == TO1 -> assert(hooks == CONSENT); enter(1); goto inside
		:: room[fn] == GATE -> at_gate[me] = fn
		fi
	}
ask:
	atomic {
		assert(gate);
		if
		:: phase == OLD -> at_gate[me] = NOBODY; waited = false; enter(0); goto inside
		:: phase == NEW || (phase == CLOSED && verdict == NEW) ->
			if
			:: hooks == CONSENT -> at_gate[me] = NOBODY; waited = false; enter(1); goto inside
			:: hooks == OFF -> at_gate[me] = NOBODY; waited = false; enter(0); goto inside
			:: hooks == PENDING -> hooks = RUNNING; goto hook
			:: hooks == RUNNING
			fi
		:: phase == CLOSED && verdict != NEW
		fi
	}
#ifndef NO_LEASE
	if
	:: atomic { waited ->
		if
		:: phase == CLOSED && verdict != NEW -> phase = OLD; verdict = NONE
		:: else
		fi
	   }
	:: !waited -> waited = true
	fi;
#endif
	goto ask;
hook:
	skip;
	atomic {
		assert(v2 && hooks == RUNNING);
		at_gate[me] = NOBODY;
		waited = false;
		if
		:: hooks = CONSENT; enter(1)
		:: hooks = OFF; enter(0)
		fi
	};
inside:
	skip;           /* a jump from one atomic sequence into another would make them one */
	atomic { in0[me] = NOBODY; in1[me] = NOBODY; fn = F };
progress_call:
	goto call
}

/* Straight to a side. Where that is the function of the old build the entry goes back; the room stays, for those who are
 * on their way to it. */
inline turn(side) {
	if
	:: side == 0 ->
		room[F] = TO0;
		room[G] = TO0;
		entry[H] = false
#ifdef DROP_ROOM
		; room[H] = NOTHING
#endif
	:: side == 1 ->
		room[F] = TO1;
		entry[G] = false;
#ifdef DROP_ROOM
		room[G] = NOTHING;
#endif
		room[H] = TO1
	fi
}

#ifdef CLEAN_EARLY
#define NOT_AT(list, fn) true
#define NOT_IN(list, a, b) true
#else
#define NOT_AT(list, fn) (list[0] != fn && list[1] != fn)
#define NOT_IN(list, a, b) (list[0] != a && list[1] != a && list[0] != b && list[1] != b)
#endif

/* The patch that went, which the registry names beside the active one. The gate stands behind v2. */
inline clean() {
	if
	:: named == 1 ->
		(NOT_IN(in0, F, G));
		(NOT_AT(at_room, G));
		room[G] = NOTHING;
		v1 = false
	:: named == 0 ->
		(NOT_IN(in1, F, H));
		(NOT_AT(at_room, H));
		(NOT_AT(at_gate, F) && NOT_AT(at_gate, G) && NOT_AT(at_gate, H));
		room[H] = NOTHING;
		v2 = false;
		gate = false
	fi;
	beside = NONE
}

/* All are on side 1, as far as the hooks let them. They may keep the tool waiting for longer than it does: then all stays. */
inline ask_hooks() {
#ifdef FORGET_HOOKS
	skip
#else
	if
	:: side == 1 ->
		if
		:: hooks == CONSENT
		:: hooks == OFF -> phase = OLD; side = 0
		:: hooks != CONSENT && hooks != OFF -> waits = true
		fi
	:: side == 0
	fi
#endif
}

inline finish(side) {
	if
	:: side == 1 -> atomic { named = 1; beside = LEFT }
	:: side == 0 -> beside = LEFT
	fi;
	clean()
}

inline replace() {
	beside = LOADING;
	v2 = true;
	beside = LOADED;
	verdict = NONE;
	phase = OLD;
	gate = true;
	room[F] = GATE;
	room[G] = GATE;
	room[H] = GATE;
#ifndef LATE_ENTRY
	entry[H] = true;
#endif
	phase = CLOSED;
	busy = false;
	i = 0;
	do
	:: i < 2 ->
#ifndef NO_LOOK
		busy = busy || in0[i] != NOBODY;
#endif
		i++
	:: i == 2 -> break
	od;
#ifdef LATE_ENTRY
	entry[H] = true;
#endif
	if
	:: busy -> verdict = OLD
	:: !busy -> verdict = NEW
	fi;
	if
	:: atomic { phase == CLOSED && !busy -> phase = NEW; side = 1 }
	:: phase != CLOSED && !busy                     /* too late */
	:: atomic { busy -> phase = OLD; busy = false }
	fi;
	i = 0;
	ask_hooks();
	if
	:: waits
	:: !waits -> turn(side); finish(side)
	fi
}

/* replace_settle() and replace_clean(): by what memory says alone. */
inline settle() {
	side = 0;
#ifndef STAY_CLOSED
	if
	:: gate && phase == CLOSED && verdict == NONE -> verdict = OLD
	:: else
	fi;
	if
	:: gate && phase == CLOSED && verdict == NEW -> phase = NEW
	:: gate && phase == CLOSED && verdict != NEW -> phase = OLD
	:: else
	fi;
#endif
#ifndef FORGET_WORD
	side = (gate && phase == NEW -> 1 : 0);
#endif
	ask_hooks();
	if
	:: waits
	:: !waits && beside == LOADED -> turn(side); finish(side)
	:: beside == LOADING -> beside = LEFT; clean()
	:: beside == LEFT -> clean()
	:: beside == NONE
	fi
}

proctype tool()
{
	byte i;
	bool busy, waits;
	bit side = 0;

	{ replace() } unless { killed }
}

proctype second_tool()
{
	bool waits;
	bit side;

	settle()
}

init {
	atomic {
		room[F] = TO0; room[G] = TO0; room[H] = NOTHING;
		entry[F] = true; entry[G] = true;
		run caller(0);
		run caller(1);
		run tool()
	}
	if
	:: killed = true;
	   if
	   :: run second_tool()
	   :: skip
	   fi
	:: skip
	fi
}
