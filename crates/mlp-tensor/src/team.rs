//! A team of threads for short, equal pieces of work: helpers that spin for a moment before they
//! sleep, so that a training step pays about a microsecond for a fork and join, and no allocation,
//! lock or system call. What the work is stands elsewhere.
//!
//! One word holds the team's state: the number of the job, whether it is open, and how many helpers
//! are in it. A helper joins by a compare-and-swap while the job is open; the caller closes the job
//! when it finds nothing left to take and waits only for those who joined. A helper that comes late,
//! because the system gave its core to someone else, is waited for by nobody.

// One closure is shared by reference with threads that outlive it.
#![allow(unsafe_code)]

use crate::tuning::{SPIN, YIELD};
use std::any::Any;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle, Thread};

/// A value with cache lines of its own: two, since processors fetch them in pairs.
#[repr(align(128))]
#[derive(Default)]
struct Alone<T>(T);

/// In the state: helpers inside the job.
const INSIDE: u64 = 0xffff;
/// In the state: the job may be joined.
const OPEN: u64 = 1 << 16;
/// In the state: the job's number, counted from here.
const NUMBER: u64 = 1 << 17;

/// What the members of a team do: `work(member)`, where the caller is member 0.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

struct Shared {
    state: Alone<AtomicU64>,
    /// Written by the caller while no helper is inside and the job is closed; read by helpers who
    /// joined.
    job: UnsafeCell<Option<*const Work<'static>>>,
    /// Members that may join the job, the caller among them.
    members: AtomicUsize,
    /// For each member where it is in its range of the indices.
    next: Vec<Alone<AtomicUsize>>,
    /// Whether somebody runs a job. Whoever finds it set works alone.
    busy: AtomicBool,
    stop: AtomicBool,
    /// One a helper: whether it sleeps, or is about to.
    asleep: Vec<Alone<AtomicBool>>,
    /// Whether a helper panicked in this job.
    panicked: AtomicBool,
    /// The first of these panics.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    /// Turns of waiting before a helper sleeps; few where there are more threads than cores.
    spin: usize,
}

// SAFETY: `job` is written only while no helper can read it (see there); the rest is atomic or
// behind a lock.
unsafe impl Sync for Shared {}
// SAFETY: as above; the pointer in `job` is to a closure that is `Sync`.
unsafe impl Send for Shared {}

/// The threads. They end when it is dropped.
pub(crate) struct Team {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Team {
    /// A team of `members`, the caller among them; each helper runs `start` first.
    ///
    /// # Errors
    /// The system's, if a thread cannot be started.
    pub(crate) fn new(
        members: usize,
        start: impl Fn() + Copy + Send + 'static,
    ) -> std::io::Result<Team> {
        let members = members.clamp(1, INSIDE as usize);
        let cores = thread::available_parallelism().map_or(1, |n| n.get());
        let shared = Arc::new(Shared {
            state: Alone::default(),
            job: UnsafeCell::new(None),
            members: AtomicUsize::new(members),
            next: (0..members).map(|_| Alone::default()).collect(),
            busy: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            asleep: (1..members).map(|_| Alone::default()).collect(),
            panicked: AtomicBool::new(false),
            panic: Mutex::new(None),
            spin: if members <= cores { SPIN } else { 1 },
        });
        let mut team = Team { shared, threads: Vec::with_capacity(members - 1) };
        for member in 1..members {
            let shared = Arc::clone(&team.shared);
            let named = thread::Builder::new().name(format!("exec-{member}"));
            let life = move || {
                start();
                help(&shared, member);
            };
            team.threads.push(named.spawn(life)?);
        }
        Ok(team)
    }

    /// Members, the caller among them.
    pub(crate) fn members(&self) -> usize {
        self.threads.len() + 1
    }

    /// Runs `work(i)` for every `i` in `0..count` on at most `members`; whoever is free takes the
    /// next, first of a range of its own, so that the same member meets the same part of a large
    /// buffer again and again. A panic in `work` is passed on. Within a job, or while another thread
    /// uses the team, the caller does all the work itself.
    pub(crate) fn for_each(&self, members: usize, count: usize, work: &(dyn Fn(usize) + Sync)) {
        let (shared, members) = (&*self.shared, members.clamp(1, self.members()));
        if count < 2 || members < 2 || shared.busy.swap(true, Ordering::Acquire) {
            return (0..count).for_each(work);
        }
        // Whoever sees the job open sees this too.
        shared.members.store(members, Ordering::Relaxed);
        for (member, next) in shared.next.iter().take(members).enumerate() {
            next.0.store(member * count / members, Ordering::Relaxed);
        }
        let take = |member: usize| {
            for turn in 0..members {
                let whose = (member + turn) % members;
                let end = (whose + 1) * count / members;
                loop {
                    let i = shared.next[whose].0.fetch_add(1, Ordering::Relaxed);
                    if i >= end {
                        break;
                    }
                    work(i);
                }
            }
        };
        self.together((count - 1).min(members - 1), &take);
    }

    /// Opens a job, works on it, closes it and waits for those who joined.
    fn together(&self, wake: usize, work: &Work<'_>) {
        let shared = &*self.shared;
        let work: *const Work<'_> = work;
        // SAFETY: only the lifetime changes. When this function ends, by a panic too, the job is
        // closed and no helper is in it.
        let work = unsafe { std::mem::transmute::<*const Work<'_>, *const Work<'static>>(work) };
        // SAFETY: `busy` is ours, the last job is closed and was left by all: nobody reads it.
        unsafe { *shared.job.get() = Some(work) };
        let number = (shared.state.0.load(Ordering::Relaxed) / NUMBER).wrapping_add(1);
        shared.state.0.store(number.wrapping_mul(NUMBER) | OPEN, Ordering::SeqCst);
        for (asleep, helper) in shared.asleep.iter().zip(&self.threads).take(wake) {
            if asleep.0.load(Ordering::SeqCst) {
                helper.thread().unpark();
            }
        }
        // SAFETY: `work` lives as long as this call.
        let own = catch_unwind(AssertUnwindSafe(|| unsafe { (*work)(0) }));
        close(&shared.state.0);
        let theirs = if shared.panicked.swap(false, Ordering::Acquire) {
            shared.panic.lock().unwrap_or_else(PoisonError::into_inner).take()
        } else {
            None
        };
        shared.busy.store(false, Ordering::Release);
        if let Some(panic) = own.err().or(theirs) {
            resume_unwind(panic);
        }
    }
}

/// Closes the job and waits until all helpers have left it.
fn close(state: &AtomicU64) {
    let mut left = state.fetch_and(!OPEN, Ordering::AcqRel);
    let mut turns = 0;
    while left & INSIDE != 0 {
        wait(&mut turns);
        left = state.load(Ordering::Acquire);
    }
}

/// One turn of waiting: a pause of the processor; after many, a turn for another thread.
fn wait(turns: &mut usize) {
    *turns += 1;
    if turns.is_multiple_of(YIELD) {
        thread::yield_now();
    } else {
        std::hint::spin_loop();
    }
}

/// The life of a helper.
fn help(shared: &Shared, member: usize) {
    let mut seen = 0;
    while let Some(number) = next_job(shared, member, seen) {
        seen = number;
        // SAFETY: the caller waits for us in `close`, and the job was written before it was opened.
        let work = unsafe { *shared.job.get() };
        if let Some(work) = work {
            // SAFETY: as above: the closure lives until we leave.
            let run = || unsafe { (*work)(member) };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
                let mut first = shared.panic.lock().unwrap_or_else(PoisonError::into_inner);
                first.get_or_insert(panic);
                shared.panicked.store(true, Ordering::Release);
            }
        }
        shared.state.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Waits for a job other than `seen` and joins it: its number. `None` at the end of the team.
fn next_job(shared: &Shared, member: usize, seen: u64) -> Option<u64> {
    let asleep = &shared.asleep[member - 1].0;
    let mut turns = 0;
    loop {
        let state = shared.state.0.load(Ordering::SeqCst);
        let wanted = || member < shared.members.load(Ordering::Relaxed);
        if state & OPEN != 0 && state / NUMBER != seen && wanted() {
            let joined = shared.state.0.compare_exchange_weak(
                state,
                state + 1,
                Ordering::AcqRel,
                Ordering::Relaxed,
            );
            if joined.is_ok() {
                asleep.store(false, Ordering::Relaxed);
                return Some(state / NUMBER);
            }
            continue;
        }
        if shared.stop.load(Ordering::SeqCst) {
            return None;
        }
        turns += 1;
        if turns < shared.spin {
            std::hint::spin_loop();
        } else if turns == shared.spin {
            // Once more round the loop before sleeping: a job opened in between is not missed.
            asleep.store(true, Ordering::SeqCst);
        } else {
            thread::park();
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        for helper in self.threads.drain(..) {
            let thread: &Thread = helper.thread();
            thread.unpark();
            // A helper catches every panic of its work; there is nothing to pass on.
            let _ = helper.join();
        }
    }
}
