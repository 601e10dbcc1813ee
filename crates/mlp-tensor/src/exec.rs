//! How work is executed: an instruction set and a pool of threads. First argument everywhere; no
//! globals. What the work is stands elsewhere; here it is only cut up and handed out.

// Handing disjoint pieces of one slice to several threads takes raw pointers.
#![allow(unsafe_code)]

use crate::kernel::{self, Job};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A SIMD instruction set. Every one gives the bits of `Portable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Isa {
    /// Plain Rust.
    Portable,
    /// x86-64 AVX2 with FMA.
    Avx2,
    /// x86-64 AVX-512F.
    Avx512,
    /// AArch64 NEON.
    Neon,
}

impl Isa {
    /// Every instruction set there is a kernel for.
    pub const ALL: [Isa; 4] = [Isa::Avx512, Isa::Avx2, Isa::Neon, Isa::Portable];

    /// The instruction sets this host can run, best first; `Portable` is always last.
    pub fn available() -> Vec<Isa> {
        kernel::detect()
    }
    /// `portable`, `avx2`, `avx512`, `neon`.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Portable => "portable",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
            Isa::Neon => "neon",
        }
    }
    /// The instruction set of that name.
    pub fn from_name(name: &str) -> Option<Isa> {
        Isa::ALL.into_iter().find(|isa| isa.name() == name)
    }
}

/// Why an `Exec` cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The host lacks the instruction set.
    #[error("this processor has no {wanted}; it has {have}")]
    Isa {
        /// What was asked for.
        wanted: &'static str,
        /// What there is, comma-separated.
        have: String,
    },
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {why}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// The system's reason.
        why: String,
    },
}

/// An instruction set and a pool of threads. Clones share the threads, which end with the last of
/// them.
#[derive(Clone)]
pub struct Exec {
    /// One that the host has: checked in `new`, the only place where it is set from outside.
    isa: Isa,
    /// Helpers; the calling thread works too. None when serial.
    pool: Option<Arc<ThreadPool>>,
}

impl fmt::Debug for Exec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exec").field("isa", &self.isa).field("threads", &self.threads()).finish()
    }
}

/// A pointer that may cross threads; whoever uses it sees to it that no two threads touch one
/// place.
pub(crate) struct Shared<T>(pub *mut T);

// SAFETY: only handed to threads that work on disjoint places, as every user states.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

impl<T> Shared<T> {
    /// The pointer. A method, so that closures capture the wrapper and not its field.
    pub(crate) fn get(self) -> *mut T {
        self.0
    }
}

impl Exec {
    /// The given instruction set (the best one if `None`) on `threads` threads (every core if
    /// `None`; 0 counts as 1). The calling thread is one of them.
    pub fn new(isa: Option<Isa>, threads: Option<usize>) -> Result<Exec, ExecError> {
        let available = Isa::available();
        let isa = isa.unwrap_or(available[0]);
        if !available.contains(&isa) {
            let have: Vec<&str> = available.iter().map(|isa| isa.name()).collect();
            return Err(ExecError::Isa { wanted: isa.name(), have: have.join(", ") });
        }
        let cores = || std::thread::available_parallelism().map_or(1, |n| n.get());
        let threads = threads.unwrap_or_else(cores).max(1);
        if threads == 1 {
            return Ok(Exec { isa, pool: None });
        }
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads - 1)
            .thread_name(|i| format!("exec-{}", i + 1))
            .build()
            .map_err(|e| ExecError::Threads { threads, why: e.to_string() })?;
        Ok(Exec { isa, pool: Some(Arc::new(pool)) })
    }
    /// One thread, best instruction set; cannot fail.
    pub fn serial() -> Exec {
        Exec { isa: Isa::available()[0], pool: None }
    }
    /// The instruction set.
    pub fn isa(&self) -> Isa {
        self.isa
    }
    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.pool.as_ref().map_or(1, |pool| pool.current_num_threads() + 1)
    }
    /// Runs `work(i)` for every `i` in `0..count`, in any order, on the pool; returns when all are
    /// done. A panic in `work` is passed on.
    pub fn for_each(&self, count: usize, work: impl Fn(usize) + Sync) {
        let helpers = (self.threads() - 1).min(count.saturating_sub(1));
        let Some(pool) = self.pool.as_ref().filter(|_| helpers > 0) else {
            return (0..count).for_each(work);
        };
        // Whoever is free takes the next few; which thread does what has no influence on the
        // result.
        let next = AtomicUsize::new(0);
        let step = (count / (8 * (helpers + 1))).max(1);
        let take = || {
            loop {
                let from = next.fetch_add(step, Ordering::Relaxed);
                if from >= count {
                    return;
                }
                (from..(from + step).min(count)).for_each(&work);
            }
        };
        pool.in_place_scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(|_| take());
            }
            take();
        });
    }
    /// Cuts `values` into pieces of `chunk` elements (the last may be shorter) and runs `work(i,
    /// piece)` on each. A `chunk` of 0 counts as 1.
    pub fn for_each_chunk<T: Send>(
        &self,
        values: &mut [T],
        chunk: usize,
        work: impl Fn(usize, &mut [T]) + Sync,
    ) {
        let (len, chunk) = (values.len(), chunk.max(1));
        let base = Shared(values.as_mut_ptr());
        self.for_each(len.div_ceil(chunk), |i| {
            let from = i * chunk;
            let n = chunk.min(len - from);
            // SAFETY: `from + n <= len`, and no two `i` share an element.
            let piece = unsafe { std::slice::from_raw_parts_mut(base.get().add(from), n) };
            work(i, piece);
        });
    }
    /// `work(i)` for every `i` in `0..count`, in order of `i`.
    pub fn map<R: Send>(&self, count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
        let mut results: Vec<Option<R>> = Vec::new();
        results.resize_with(count, || None);
        self.for_each_chunk(&mut results, 1, |i, slot| slot[0] = Some(work(i)));
        results.into_iter().flatten().collect()
    }
    /// Runs a job compiled for the instruction set.
    pub(crate) fn run<J: Job>(&self, job: J) -> J::Out {
        // SAFETY: `new` and `serial` take only instruction sets that the host has.
        unsafe { kernel::run(self.isa, job) }
    }
}
