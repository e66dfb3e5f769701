/* The call that a transition owes: it is written with the transition, and whoever can claims it for a time, makes it and
 * removes it, while answers are lost, processes pause beyond their lease or are killed, and the store forgets what was
 * written last. README.md says which line stands for which function of rz.
 *
 * Found to hold: nobody claims a call while the claim of another stands, unless the store forgot that claim; of two programs
 * that run at once one has outlived its lease; what is removed has run; what is owed at last runs. */

#ifndef HOSTS
#define HOSTS 2
#endif
#ifndef FAULTS     /* commits without an answer */
#define FAULTS 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef PAUSES     /* of a process that makes a call, until its lease is over */
#define PAUSES 1
#endif
#ifndef SLOW       /* commits that take a part of the lease */
#define SLOW 1
#endif
#ifndef FAILS      /* runs that end badly */
#define FAILS 1
#endif
#ifndef LOSSES     /* times at which the store is set back */
#define LOSSES 0
#endif
#ifndef OWN_TOKENS /* of the claims and leases of each host */
#define OWN_TOKENS 8
#endif
#define TOKENS (HOSTS * OWN_TOKENS + 1)   /* 0 is none */
#ifdef MUTANT
#define enough_tokens tokens < OWN_TOKENS
#else
#define enough_tokens assert(tokens < OWN_TOKENS)
#endif

/* ModeState, as far as the call is concerned. `lease` names the time from which the claim counts. */
typedef Mode {
  bool entered, owed;
  byte claim, lease, version
}

/* How much of a lease has passed. OVER: others may claim. LATE: a run that began now might outlast it. */
#define FRESH 1
#define LATE  2
#define OVER  3

Mode store, older;
byte phase[TOKENS];
byte lease_of[HOSTS];   /* that a host means to make the call under */
byte holds[HOSTS];      /* the lease under which a host makes the call, or is about to */
bool runs[HOSTS];       /* whether its program runs, with or without the rz that started it */
bool orphan[HOSTS];

byte faults = FAULTS, crashes = CRASHES, pauses = PAUSES, slow = SLOW, fails = FAILS, losses = LOSSES;
bool copied, claims_lost, decided, ran, promised;

#define copy_mode(a, b) b.entered = a.entered; b.owed = a.owed; b.claim = a.claim; b.lease = a.lease; \
                        b.version = a.version

/* Whether another host holds a claim that stands. */
#define other_claims (holds[1 - h] != 0 && phase[holds[1 - h]] != OVER)
#if HOSTS > 2
#undef other_claims
#define other_claims ((h != 0 && holds[0] != 0 && phase[holds[0]] != OVER) || \
                      (h != 1 && holds[1] != 0 && phase[holds[1]] != OVER) || \
                      (h != 2 && holds[2] != 0 && phase[holds[2]] != OVER))
#endif

inline new_token(drawn) {
  enough_tokens;
  tokens++;
  drawn = h * OWN_TOKENS + tokens;
  phase[drawn] = FRESH;
  lease_of[h] = drawn
}

/* A call that reads and fails ends the run: the same as if it were killed after its last commit, or not started. */
inline read_store() { copy_mode(store, seen) }

/* A process that is killed elsewhere leaves what one leaves that is killed here, or that was not started. */
inline may_be_killed() {
  if
  :: true
  :: atomic { crashes > 0 -> crashes--; printf("host %d is killed\n", h); goto next_run }
  fi
}

/* Where the store loses nothing, versions tell nobody anything: claims and leases are never drawn twice. */
inline apply() {
  if
  :: store.version == seen.version && store.entered == seen.entered && store.owed == seen.owed &&
     store.claim == seen.claim && store.lease == seen.lease ->
     copy_mode(next, store);
#if LOSSES > 0
     store.version++;
#endif
     is_done = true
  :: else -> is_done = false
  fi
}

/* One commit of `next`, which expects `seen`. After a lost answer the token tells (see decisions.pml): who asks again
 * finds its claim. */
inline commit() {
  if
  :: d_step { apply() }
  :: d_step { faults > 0 -> faults--; apply(); is_done = false; printf("its answer to host %d is lost\n", h) }
  :: d_step { faults > 0 -> faults--; is_done = false; printf("the request of host %d is lost\n", h) }
  fi;
  d_step { next.entered = 0; next.owed = 0; next.claim = 0; next.lease = 0; next.version = 0 };
  may_be_killed()
}

inline remember() {
  d_step {
#if LOSSES > 0
    if
    :: seen.version >= known.version -> copy_mode(seen, known)
    :: else
    fi;
#endif
    promised = promised || seen.entered
  }
}

/* ModeReconciler::reconcile: reads, and puts back what the store has lost. Calls that either knows of are owed. */
inline reconcile() {
#if LOSSES == 0
  atomic { read_store() };
#else
  do
  :: atomic {
       read_store();
       if
       :: seen.version >= known.version -> break
       :: else -> skip
       fi;
       copy_mode(seen, next);
       if
       :: known.entered ->
          next.entered = true;
          if
          :: known.owed -> next.owed = true; next.claim = known.claim; next.lease = known.lease
          :: else
          fi
       :: else
       fi;
       next.version = known.version
     };
     commit();
     if
     :: is_done -> printf("host %d has put back what the store lost\n", h)
     :: else
     fi
  od
#endif
}

/* CallbackRunner::settle_claim: nobody has claimed it; or the lease is over and no program of it runs on this host; or a
 * process of this host had claimed it, has ended, and nothing that it started runs. */
#define own(token) ((token) > h * OWN_TOKENS && (token) <= (h + 1) * OWN_TOKENS)
#ifdef MUTANT_LEASE_NOT_CHECKED
#define is_free (seen.owed && !runs[h])
#else
#define is_free (seen.owed && !runs[h] && (seen.claim == 0 || phase[seen.lease] == OVER || own(seen.claim)))
#endif

/* Only while the call has the claim that it was seen with, which its host may also have renewed since. */
#ifdef MUTANT_CLAIM_WITHOUT_TOKEN
#define as_before seen.owed
#else
#ifdef MUTANT_RENEWAL_NOT_SEEN
#define as_before (seen.owed && seen.claim == old_claim)
#else
#define as_before (seen.owed && seen.claim == old_claim && seen.lease == old_lease)
#endif
#endif

/* CallbackRunner::claim_and_make. */
inline claim_call() {
  atomic { old_claim = seen.claim; old_lease = seen.lease; new_token(claim) };
  do
  :: atomic {
       if
       :: seen.claim == claim -> printf("host %d has claimed the call\n", h); break
       :: seen.claim != claim && as_before -> skip
       :: else -> goto next_run
       fi;
       copy_mode(seen, next);
       next.claim = claim;
       next.lease = lease_of[h]
     };
     commit();
     atomic { read_store() }
  od
}

/* CallbackRunner::keep_claim: a commit that was slow has used up the time that is meant for the end of the program. */
inline keep_claim() {
  do
  :: phase[lease_of[h]] == FRESH || seen.claim != claim -> break
  :: else ->
     atomic { new_token(renewed); copy_mode(seen, next); next.lease = renewed };
     commit();
     atomic {
       read_store();
       if
       :: seen.claim == claim && seen.lease == renewed -> renewed = 0
       :: else -> goto next_run
       fi
     };
     if
     :: phase[lease_of[h]] == FRESH -> break
     :: else -> goto next_run
     fi
  od
}

/* CallbackRunner::make_call. */
inline make_call() {
  keep_claim();
  if
  :: atomic { phase[lease_of[h]] == FRESH && seen.claim == claim ->
              assert(claims_lost || !other_claims);   /* no two live claims */
              holds[h] = lease_of[h]; runs[h] = true; printf("host %d runs the call\n", h) }
  :: else -> goto next_run
  fi;
  if
  :: atomic { well = true; ran = true }
  :: atomic { fails > 0 -> fails--; well = false; printf("the run ends badly\n") }
  :: atomic { crashes > 0 -> crashes--; runs[h] = false; holds[h] = 0;
              printf("host %d and its program are killed\n", h); goto next_run }
  :: atomic { crashes > 0 -> crashes--; orphan[h] = true;
              printf("host %d is killed, its program runs on\n", h); goto next_run }
  fi;
  d_step { runs[h] = false; holds[h] = 0 };
  do
  :: atomic {
       read_store();
       if
       :: seen.owed && seen.claim == claim -> skip
       :: else -> break
       fi;
       assert(!well || ran);                              /* done means ran */
       copy_mode(seen, next);
       next.claim = 0;
       next.lease = 0;
       next.owed = !well
     };
     commit()
  od
}

/* ModeKeeper::decide_at: the transition, and the call that it owes, claimed for who decides. */
inline decide() {
  atomic {
    decided = true;
    new_token(claim);
    copy_mode(seen, next);
    next.entered = true;
#ifndef MUTANT_OWED_AFTER_COMMIT
    next.owed = true;
    next.claim = claim;
    next.lease = lease_of[h];
#endif
    printf("host %d decides\n", h)
  };
  commit();
  reconcile();
#ifdef MUTANT_OWED_AFTER_COMMIT
  atomic { copy_mode(seen, next); next.owed = true; next.claim = claim; next.lease = lease_of[h] };
  commit();
  reconcile();
#endif
}

proctype Host(byte h) {
  Mode seen, next, known;
  byte tokens, claim, renewed, old_claim, old_lease;
  bool is_done, well;

next_run: skip;
  d_step {
    assert(h != 0 || !store.entered || store.owed || ran);   /* what was entered is owed until it has run */
    if
    :: !runs[h] && store.lease != lease_of[h] && older.lease != lease_of[h] -> phase[lease_of[h]] = OVER
    :: else
    fi;
    phase[0] = 0;
    claim = 0; renewed = 0; lease_of[h] = 0; old_claim = 0; old_lease = 0; is_done = 0; well = 0;
    seen.entered = 0; seen.owed = 0; seen.claim = 0; seen.lease = 0; seen.version = 0;
    copy_mode(seen, next)
  };
  reconcile();
  if
  :: h == 0 && !decided && !seen.entered ->
     decide();
     if
     :: seen.claim == claim && claim != 0 -> remember(); make_call()
     :: else -> skip
     fi
  :: else ->
     remember();
     if
     :: is_free -> claim_call(); make_call()
     :: else -> skip
     fi
  fi;
  goto next_run
}

/* A lease runs out. While its process lives, and is not slow or paused, that does not happen: the timeout of the program
 * is shorter. */
#define is_of(host, lease)  (lease_of[host] == lease && !orphan[host])
#define lives(lease)        (is_of(0, lease) || is_of(1, lease) || is_of(HOSTS - 1, lease))
#define is_made(lease)      ((is_of(0, lease) && runs[0]) || (is_of(1, lease) && runs[1]) || \
                             (is_of(HOSTS - 1, lease) && runs[HOSTS - 1]))
#define runs_out(lease)                                                                              \
  :: atomic { phase[lease] == FRESH && is_made(lease) -> phase[lease] = LATE }                       \
  :: atomic { phase[lease] == FRESH && lives(lease) && slow > 0 -> slow--; phase[lease] = LATE;      \
              printf("a commit is slow\n") }                                                         \
  :: atomic { phase[lease] != OVER && lease != 0 && !lives(lease) -> phase[lease] = OVER }           \
  :: atomic { phase[lease] == LATE && lives(lease) && pauses > 0 -> pauses--; phase[lease] = OVER;   \
              printf("a process pauses beyond its lease\n") }

active proctype Time() {
end:
  do
  runs_out(store.lease)
  runs_out(lease_of[0])
  runs_out(lease_of[1])
#if HOSTS > 2
  runs_out(lease_of[2])
#endif
  od
}

/* What a killed process left running ends, too. */
active proctype Orphans() {
end:
  do
  :: atomic { orphan[0] -> orphan[0] = false; runs[0] = false; holds[0] = 0 }
  :: atomic { orphan[1] -> orphan[1] = false; runs[1] = false; holds[1] = 0 }
  :: atomic { orphan[HOSTS - 1] -> orphan[HOSTS - 1] = false; runs[HOSTS - 1] = false; holds[HOSTS - 1] = 0 }
  od
}

#if LOSSES > 0
active proctype Adversary() {
end:
  do
  :: atomic { losses > 0 && !copied && store.version > 0 -> copied = true; copy_mode(store, older) }
  :: atomic { losses > 0 && store.version > older.version -> losses--;
              claims_lost = true;
              copy_mode(older, store); printf("the store is set back\n") }
  :: losses == 0 -> break
  :: true -> break
  od
}
#endif

init {
  atomic {
    run Host(0);
    run Host(1);
#if HOSTS > 2
    run Host(2);
#endif
  }
}

ltl owed_at_last_run { [] (promised -> <> ran) }
