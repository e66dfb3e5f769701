/* Deciding the mode: several hosts change one state by compare-and-set, while calls to the store fail or arrive late, the
 * store is set back or emptied, and processes are killed. README.md says which line stands for which function of rz.
 *
 * Found to hold: of two hosts that expect one state only one wins its epoch; each record begins where the one before it
 * ended; no acknowledged decision is lost or doubled, unless it went with what the store lost; a host that has seen SAFE
 * does not believe a store that has never heard of it, unless it says so. */

#ifndef HOSTS
#define HOSTS 2
#endif
#ifndef RUNS       /* commands of host 0 that decide, and of each other one */
#define RUNS 2
#endif
#ifndef OTHER_RUNS
#define OTHER_RUNS 1
#endif
#ifndef FAULTS     /* calls to the store without an answer */
#define FAULTS 2
#endif
#ifndef LATE       /* of these, commits that may arrive at any later time */
#define LATE 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef LOSSES     /* times at which the store is set back */
#define LOSSES 1
#endif
#ifndef OWN_TOKENS /* of the writes of each host */
#define OWN_TOKENS 10
#endif
#define TOKENS (HOSTS * OWN_TOKENS + 1)   /* 0 is none */
#ifdef MUTANT
#define enough_tokens tokens < OWN_TOKENS
#else
#define enough_tokens assert(tokens < OWN_TOKENS)
#endif

#define PRIMARY   0
#define HEURISTIC 1
#define SAFE      2

#define bit_of(token) (1 << (token))

/* What is printed is the story of a counterexample. */
mtype = { primary, heuristic, safe }
#define name_of(mode) ((mode) == SAFE -> safe : ((mode) == PRIMARY -> primary : heuristic))

/* ModeState. `version_of` is the version of the lineage, and of each of its ancestors. */
typedef Mode {
  byte mode;
  byte epoch, lineage, writer, decision;
  byte version_of[TOKENS];
  int past   /* the tokens of all decisions that it descends from: no part of rz, but what is proved about it */
}

/* The history, by the token of each record. */
typedef History {
  int with_epoch, offline;
  byte last_epoch;
  byte last_mode
}

/* A commit: what is expected, what is written, and the record that goes with it. */
mtype = { no_record, of_mode, of_offline }
typedef Write {
  Mode next;
  byte writer, lineage, decision, epoch;   /* of the expected state */
  mtype kind;
  byte record;
  byte from
}

/* SpoolEntry. */
typedef Entry { byte token, before, from, to }
typedef Spool {
  Mode known;
  byte entries;
  Entry entry[2]
}

Mode store, older;
History history, older_history;
Write late;
bool is_late;

byte faults = FAULTS, lates = LATE, crashes = CRASHES, losses = LOSSES, finished;
bool copied;
int excused;

/* ---- The store */

inline copy_state(from_state, to_state) {
  to_state.mode = from_state.mode;
  to_state.epoch = from_state.epoch;
  to_state.lineage = from_state.lineage;
  to_state.writer = from_state.writer;
  to_state.decision = from_state.decision;
  to_state.past = from_state.past;
  i = 0;
  do
  :: i < TOKENS -> to_state.version_of[i] = from_state.version_of[i]; i++
  :: else -> break
  od;
  i = 0
}

inline copy_log(from_log, to_log) {
  to_log.with_epoch = from_log.with_epoch;
  to_log.offline = from_log.offline;
  to_log.last_epoch = from_log.last_epoch;
  to_log.last_mode = from_log.last_mode
}

/* Without the expectation, whatever is there is overwritten. */
#ifdef MUTANT_NO_EXPECTATION
#define expected(c) true
#else
#define expected(c) (store.writer == c.writer && store.lineage == c.lineage && \
                     store.decision == c.decision && store.epoch == c.epoch)
#endif

#define recorded(token) ((history.with_epoch | history.offline) & bit_of(token))
#define is_new(token)   (!recorded(token) || (excused & bit_of(token)))

/* Storage::commit: state and record together, if the state is the one that is expected. */
inline apply(c, took_effect) {
  took_effect = false;
  if
  :: expected(c) ->
     copy_state(c.next, store);
     if
     :: c.kind == of_mode ->
        assert(c.next.epoch > history.last_epoch);              /* no two winners of an epoch */
        assert(c.from == history.last_mode);                    /* `from` is the previous `to` */
        assert(is_new(c.record));                               /* none is doubled */
        history.with_epoch = history.with_epoch | bit_of(c.record);
        history.last_epoch = c.next.epoch;
        history.last_mode = c.next.mode;
        printf("write %d is epoch %d, %e\n", c.record, c.next.epoch, name_of(c.next.mode))
     :: c.kind == of_offline ->
        assert(is_new(c.record));
        history.offline = history.offline | bit_of(c.record);
        printf("write %d is a record of history only\n", c.record)
     :: else
     fi;
     took_effect = true
  :: else
  fi
}

#define no_answer d_step { faults > 0 -> faults--; away = true; printf("the store is away from host %d\n", h) }

inline read_store() {
  if
  :: d_step { copy_state(store, seen) }
  :: no_answer
  fi
}

mtype = { done, refused, unknown }

/* A process that is killed elsewhere leaves what one leaves that is killed here, or that was not started. */
inline commit() {
  if
  :: d_step { apply(plan, is_done); result = (is_done -> done : refused) }
  :: d_step { faults > 0 -> faults--; apply(plan, is_done); result = unknown;
              printf("its answer to host %d is lost\n", h) }
  :: d_step { faults > 0 -> faults--; result = unknown; printf("write %d is lost\n", plan.record) }
  :: d_step { faults > 0 && lates > 0 && !is_late -> faults--; lates--; result = unknown;
              printf("write %d is under way\n", plan.record);
              is_late = true; copy_state(plan.next, late.next); late.writer = plan.writer;
              late.lineage = plan.lineage; late.decision = plan.decision; late.epoch = plan.epoch;
              late.kind = plan.kind; late.record = plan.record; late.from = plan.from }
  fi;
  if
  :: true
  :: d_step { crashes > 0 -> crashes--; printf("host %d is killed\n", h) }; goto next_run
  fi
}

/* ModeStore::find_write: the state first, then the history. */
inline find_write(wanted) {
  found = false;
  if
  :: found = (store.writer == wanted || store.decision == wanted)
  :: no_answer
  fi;
  if
  :: found || away
  :: else ->
     if
     :: found = recorded(wanted) != 0
     :: no_answer
     fi
  fi
}

/* ModeStore::write, of `plan`. */
inline write() {
  again = true;
  do
  :: commit();
     if
     :: result == done -> break
     :: else -> skip
     fi;
     find_write(plan.record);
     if
     :: away -> if :: result == refused -> away = false :: else fi; break
     :: found -> result = done; break
     :: !away && !found && (result == refused || !again) -> break
     :: else -> again = false
     fi
  od
}

/* Each write begins so. */
inline plan_from_seen(of_record, its_kind) {
  plan.writer = seen.writer;
  plan.lineage = seen.lineage;
  plan.decision = seen.decision;
  plan.epoch = seen.epoch;
  plan.kind = its_kind;
  plan.record = of_record;
  plan.from = seen.mode;
  copy_state(seen, plan.next)
}

inline new_token(drawn) {
  enough_tokens;
  tokens++;
  drawn = h * OWN_TOKENS + tokens
}

/* stamp: the next version, under a token. */
inline stamp(own) {
  if
  :: plan.next.lineage == 0 -> plan.next.lineage = own
  :: else
  fi;
  plan.next.writer = own;
  plan.next.version_of[plan.next.lineage] = plan.next.version_of[plan.next.lineage] + 1
}

inline enter(entered, by) {
  plan.next.mode = entered;
  plan.next.epoch = plan.next.epoch + 1;
  plan.next.decision = by;
  stamp(by);
  plan.next.past = plan.next.past | bit_of(by)
}

/* ---- What a host knows */

#define KNOWN spool.known

/* has_lost of store_memory.cc. */
#ifdef MUTANT_LOWER_EPOCH_BELIEVED
#define has_lost(there, known) false
#else
#define lost_version(there, known) (known.lineage != 0 && \
    there.version_of[known.lineage] < known.version_of[known.lineage])
#ifdef MUTANT_VERSIONS_ALONE
#define has_lost(there, known) lost_version(there, known)
#else
#define has_lost(there, known) (lost_version(there, known) || \
    (known.decision != 0 && !(there.past & bit_of(known.decision))))
#endif
#endif

/* Spool::remember. */
inline remember() {
  d_step {
    if
    :: has_lost(seen, KNOWN) -> skip
    :: else -> copy_state(seen, KNOWN)
    fi
  }
}

/* restored() of store_memory.cc: the worse mode holds, or the one of the later epoch. */
inline plan_restored() {
  new_token(token);
  plan_from_seen(token, of_mode);
  if
  :: KNOWN.mode > seen.mode || (KNOWN.mode == seen.mode && KNOWN.epoch >= seen.epoch) ->
     plan.next.mode = KNOWN.mode;
     plan.next.decision = KNOWN.decision
  :: else
  fi;
  plan.next.epoch = (KNOWN.epoch > seen.epoch -> KNOWN.epoch : seen.epoch) + 1;
  plan.next.past = seen.past | KNOWN.past;
  plan.next.version_of[token] = seen.version_of[seen.lineage];
  if
  :: KNOWN.version_of[KNOWN.lineage] > plan.next.version_of[token] ->
     plan.next.version_of[token] = KNOWN.version_of[KNOWN.lineage]
  :: else
  fi;
  i = 0;
  do
  :: i < TOKENS ->
     if
     :: KNOWN.version_of[i] > plan.next.version_of[i] -> plan.next.version_of[i] = KNOWN.version_of[i]
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0;
  plan.next.lineage = token;
  stamp(token)
}

/* restore_if_lost: afterwards `seen` is what the store holds, and `told` whether it had lost something. */
inline restore_if_lost() {
  do
  :: atomic {
       read_store();
       if
       :: away -> break
       :: !away && !has_lost(seen, KNOWN) -> break
       :: else -> plan_restored()
       fi
     };
     write();
     if
     :: result == unknown -> away = true; break
     :: result == done -> told = true; printf("host %d has put back what the store lost\n", h)
     :: else
     fi
  od
}

/* ---- Drain of the spool: Drain::settle, for one entry after the other */

#define FIRST spool.entry[0]

inline drop_first() {
  d_step {
    i = 0;
    do
    :: i + 1 < spool.entries ->
       spool.entry[i].token = spool.entry[i + 1].token;
       spool.entry[i].before = spool.entry[i + 1].before;
       spool.entry[i].from = spool.entry[i + 1].from;
       spool.entry[i].to = spool.entry[i + 1].to;
       i++
    :: else -> break
    od;
    spool.entries--;
    spool.entry[i].token = 0;
    spool.entry[i].before = 0;
    spool.entry[i].from = 0;
    spool.entry[i].to = 0;
    i = 0
  }
}

inline settle() {
  do
  :: read_store();
     if
     :: away -> break
     :: else -> skip
     fi;
#ifndef MUTANT_DRAIN_WITHOUT_TOKEN
     find_write(FIRST.token);
     if
     :: away || found -> cut_off = cut_off || (!away && (history.offline & bit_of(FIRST.token))); break
     :: else -> skip
     fi;
#endif
     d_step {
       cut_off = cut_off || seen.decision != FIRST.before;
       printf("host %d drains write %d\n", h, FIRST.token);
       if
       :: cut_off ->
          new_token(token);
          plan_from_seen(FIRST.token, of_offline);
          stamp(token)
       :: else ->
          plan_from_seen(FIRST.token, of_mode);
          plan.from = FIRST.from;
          enter(FIRST.to, FIRST.token)
       fi
     };
     if
     :: cut_off -> commit(); if :: result == unknown -> away = true :: else fi
     :: else -> write(); if :: result == unknown -> away = true :: else fi
     fi;
     if
     :: away || result == done -> break
     :: else
     fi
  od
}

inline drain_spool() {
  cut_off = false;
  restore_if_lost();
  do
  :: away || spool.entries == 0 -> break
  :: else ->
     settle();
     if
     :: away
     :: else -> drop_first()
     fi
  od
}

/* ---- A run of rz that decides */

/* What a host believes must know of the safer mode that it knew. */
inline believe() {
  printf("host %d believes %e\n", h, name_of(seen.mode));
  assert(told || KNOWN.mode == PRIMARY || (seen.past & bit_of(KNOWN.decision)))
}

/* decide_alone: `attempted`: a commit of which it is unknown whether it took effect. */
inline decide_alone() {
  d_step {
    i = spool.entries;
    if
    :: attempted ->
       spool.entry[i].token = plan.record;
       spool.entry[i].before = plan.decision;
       spool.entry[i].from = plan.from;
       spool.entry[i].to = target;
       spool.entries++;
       acknowledged = acknowledged | bit_of(plan.record);
       printf("host %d keeps write %d in its spool\n", h, plan.record)
    :: !attempted && target != (i > 0 -> spool.entry[i - 1].to : KNOWN.mode) ->
       new_token(token);
       spool.entry[i].token = token;
       spool.entry[i].before = (i > 0 -> spool.entry[i - 1].token : KNOWN.decision);
       spool.entry[i].from = (i > 0 -> spool.entry[i - 1].to : KNOWN.mode);
       spool.entry[i].to = target;
       spool.entries++;
       acknowledged = acknowledged | bit_of(token);
       printf("host %d decides %e alone, write %d\n", h, name_of(target), token)
    :: else
    fi;
    i = 0
  }
}

/* ModeKeeper::change. */
inline decide() {
  attempted = false;
  do
  :: reconcile();
     if
     :: away -> break
     :: else -> skip
     fi;
     d_step { believe() };
     if
     :: seen.mode == target -> remember(); break
     :: else -> skip
     fi;
     d_step {
       new_token(token);
       plan_from_seen(token, of_mode);
       enter(target, token);
       printf("host %d decides %e, write %d\n", h, name_of(target), token)
     };
     write();
     if
     :: result == unknown -> attempted = true; away = true; break
     :: result == done ->
        d_step { copy_state(plan.next, seen) };
        remember();
        acknowledged = acknowledged | bit_of(plan.record);
        break
     :: else
     fi
  od;
  if
  :: away -> decide_alone()
  :: else
  fi
}

/* ModeReconciler::reconcile. */
inline reconcile() {
  if
  :: spool.entries > 0 -> drain_spool()
  :: else
  fi;
  if
  :: away
  :: else -> restore_if_lost()
  fi
}

inline forget_locals() {
  d_step {
    seen.mode = 0; seen.epoch = 0; seen.lineage = 0; seen.writer = 0; seen.decision = 0; seen.past = 0;
    plan.writer = 0; plan.lineage = 0; plan.decision = 0; plan.epoch = 0; plan.kind = 0; plan.record = 0; plan.from = 0;
    i = 0;
    do
    :: i < TOKENS -> seen.version_of[i] = 0; i++
    :: else -> break
    od;
    i = 0;
    copy_state(seen, plan.next);
    token = 0; target = 0; result = 0; away = 0; told = 0; found = 0; again = 0; attempted = 0; cut_off = 0;
    is_done = 0
  }
}

proctype Host(byte h; byte runs_max) {
  Spool spool;   /* its files outlive its processes */
  Mode seen;
  Write plan;
  byte i, token, tokens, runs;
  int acknowledged;
  byte target;
  mtype result;
  bool away, told, found, again, attempted, cut_off, is_done;

next_run:
  forget_locals();
  do
  :: runs == runs_max && spool.entries == 0 -> break
  :: runs == runs_max && spool.entries > 0 -> reconcile(); forget_locals()
  :: runs < runs_max ->
     runs++;
     if
     :: target = PRIMARY
     :: target = SAFE
#ifdef THREE_MODES
     :: target = HEURISTIC
#endif
     fi;
     decide();
     forget_locals()
  od;
  /* Once everybody has ended, and nothing is under way, what was acknowledged is there. */
  finished++;
  finished == HOSTS && !is_late;
  assert((acknowledged & ~(history.with_epoch | history.offline | excused)) == 0)
}

/* ---- What may happen to the store and to the hosts */

active proctype Adversary() {
  byte i;
  bool is_done;
end:
  do
  :: d_step { is_late -> printf("write %d arrives\n", late.record); apply(late, is_done); is_late = false; is_done = false }
  :: d_step { losses > 0 && !copied && store.writer != 0 -> copied = true;
              copy_state(store, older); copy_log(history, older_history) }
  :: d_step { losses > 0 && store.writer != older.writer -> losses--;
              printf("the store is set back to epoch %d\n", older.epoch);
              excused = excused | ((history.with_epoch | history.offline) &
                                   ~(older_history.with_epoch | older_history.offline));
              copy_state(older, store); copy_log(older_history, history) }
  od
}

init {
  atomic {
    run Host(0, RUNS);
    run Host(1, OTHER_RUNS)
#if HOSTS > 2
    ; run Host(2, OTHER_RUNS)
#endif
  }
}
