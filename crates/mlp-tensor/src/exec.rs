//! How work is executed: an instruction set and a pool of threads. First argument everywhere; no
//! globals. What the work is stands elsewhere; here it is only cut up and handed out.

// Handing disjoint pieces of one slice to several threads takes raw pointers.
#![allow(unsafe_code)]

use crate::MatrixViewMut;
use crate::kernel::{self, Job, Kernel, pack};
use crate::team::Team;
use crate::tuning::{Caches, Plan};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::fmt;
use std::sync::{Arc, OnceLock};

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

/// Plain loops that the compiler turns into vector instructions, compiled once for each instruction
/// set. `run` must be `#[inline(always)]`, and so must what it calls in its loops, or that is
/// compiled for the base instruction set.
pub trait Work {
    /// What comes out.
    type Out;
    /// Does the work.
    fn run(self) -> Self::Out;
}

/// Work as a job.
struct Compiled<W>(W);

impl<W: Work> Job for Compiled<W> {
    type Out = W::Out;
    #[inline(always)]
    fn run<K: Kernel>(self, _k: K) -> W::Out {
        self.0.run()
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

/// An instruction set and a team of threads. Clones share the threads, which end with the last of
/// them.
#[derive(Clone)]
pub struct Exec {
    /// One that the host has: checked in `new`, the only place where it is set from outside.
    isa: Isa,
    plan: Plan,
    /// None when serial.
    threads: Option<Arc<Threads>>,
    /// How many of them are used.
    most: usize,
}

/// For short, equal pieces a team that spins; for tasks of unequal length, such as reading files,
/// rayon's pool, which is started when it is first needed.
struct Threads {
    team: Team,
    pool: OnceLock<Option<ThreadPool>>,
}

impl fmt::Debug for Exec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exec").field("isa", &self.isa).field("threads", &self.threads()).finish()
    }
}

/// A pointer that may cross threads; whoever uses it sees to it that no two threads touch one
/// place.
#[derive(Debug)]
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

impl Threads {
    /// None if the system refuses to start it: the caller then works alone.
    fn pool(&self) -> Option<&ThreadPool> {
        let start = || {
            let named = ThreadPoolBuilder::new().thread_name(|i| format!("tasks-{}", i + 1));
            named.num_threads(self.team.members()).build().ok()
        };
        self.pool.get_or_init(start).as_ref()
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
        let plan = Caches::detect().plan(isa);
        if threads == 1 {
            return Ok(Exec { isa, plan, threads: None, most: 1 });
        }
        let team = Team::new(threads, move || pack::make_rooms(plan.rooms()))
            .map_err(|e| ExecError::Threads { threads, why: e.to_string() })?;
        let most = team.members();
        let threads = Some(Arc::new(Threads { team, pool: OnceLock::new() }));
        Ok(Exec { isa, plan, threads, most })
    }
    /// One thread, best instruction set; cannot fail.
    pub fn serial() -> Exec {
        let isa = Isa::available()[0];
        Exec { isa, plan: Caches::detect().plan(isa), threads: None, most: 1 }
    }
    /// The same instruction set on the calling thread alone: for work that is already one piece of
    /// several.
    pub fn alone(&self) -> Exec {
        Exec { threads: None, most: 1, ..*self }
    }
    /// The same threads, of which work is cut among at most `most` (0 counts as 1). Tasks of [`Exec::map`] are not
    /// short and may use all, unless `most` is 1.
    pub fn at_most(&self, most: usize) -> Exec {
        if most <= 1 { self.alone() } else { Exec { most: most.min(self.most), ..self.clone() } }
    }
    /// The instruction set.
    pub fn isa(&self) -> Isa {
        self.isa
    }
    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.most
    }
    /// The same with products cut up otherwise.
    #[cfg(test)]
    pub(crate) fn planned(&self, plan: Plan) -> Exec {
        Exec { plan, ..self.clone() }
    }
    /// How products are cut up.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }
    /// Runs `work(i)` for every `i` in `0..count`, in any order, on the team; returns when all are
    /// done. For short pieces of about equal length: after the first call there is no allocation,
    /// no lock and, while calls follow one another closely, no system call. A panic in `work` is
    /// passed on. Within `work` a further `for_each` runs on the calling thread alone.
    pub fn for_each(&self, count: usize, work: impl Fn(usize) + Sync) {
        match &self.threads {
            Some(threads) => threads.team.for_each(self.most, count, &work),
            None => (0..count).for_each(work),
        }
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
    /// Runs `work(i, column)` on every column of `x`; otherwise as [`Exec::for_each`].
    pub fn for_each_column(
        &self,
        mut x: MatrixViewMut<'_>,
        work: impl Fn(usize, &mut [f32]) + Sync,
    ) {
        let (rows, columns) = x.shape();
        let (within, between) = x.strides();
        assert_eq!(within, 1, "the values of a column lie side by side");
        // Columns must not overlap, which no view that was made by safe code does.
        assert!(between >= rows || columns < 2, "columns of {rows} values {between} apart");
        let base = Shared(x.as_mut_ptr());
        self.for_each(columns, |i| {
            // SAFETY: column `i` of the view begins there and has `rows` values side by side; no two
            // columns share one, as asserted above; `x` is borrowed until all are done.
            let column =
                unsafe { std::slice::from_raw_parts_mut(base.get().add(i * between), rows) };
            work(i, column);
        });
    }
    /// `work(i)` for every `i` in `0..count`, in order of `i`: for tasks of any length. A panic in
    /// `work` is passed on.
    pub fn map<R: Send>(&self, count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
        let pool = self.threads.as_ref().filter(|_| count > 1).and_then(|t| t.pool());
        match pool {
            Some(pool) => pool.install(|| (0..count).into_par_iter().map(&work).collect()),
            None => (0..count).map(work).collect(),
        }
    }
    /// Does work compiled for the instruction set: see [`Work`].
    pub fn vectorized<W: Work>(&self, work: W) -> W::Out {
        self.run(Compiled(work))
    }
    /// Runs a job compiled for the instruction set.
    pub(crate) fn run<J: Job>(&self, job: J) -> J::Out {
        // SAFETY: `new` and `serial` take only instruction sets that the host has.
        unsafe { kernel::run(self.isa, job) }
    }
}
