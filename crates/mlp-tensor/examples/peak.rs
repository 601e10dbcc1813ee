//! What the processor can do at most: fused multiply-adds that never leave the registers, on as many threads as the
//! case asks for. Answers the lines of `cargo xtask bench` (see `docs/benchmarks.md`) as a product would, or, given a
//! number of threads as its argument, prints the peak of every instruction set. No kernel of the library is used.

#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a program that talks over its standard output"
)]
#![allow(unsafe_code, reason = "vector instructions")]

use mlp_tensor::Isa;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

/// Chains side by side: two units of a latency of 4 or 5 cycles need 8 to 10.
const CHAINS: usize = 16;
/// Steps between two looks at the clock or at the work that is left.
const STEPS: u64 = 1 << 14;

/// A run of `STEPS` steps of every chain.
struct Loop {
    isa: Isa,
    /// Values a chain.
    lanes: usize,
    run: fn(f32, f32) -> f32,
}

/// The loops this processor can run, the widest first.
fn loops() -> Vec<Loop> {
    let of = |isa: Isa| match isa {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `Isa::available` names it only where the processor has it.
        Isa::Avx512 => Loop { isa, lanes: 16, run: |m, a| unsafe { x86::avx512(m, a) } },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Isa::Avx2 => Loop { isa, lanes: 8, run: |m, a| unsafe { x86::avx2(m, a) } },
        _ => Loop { isa, lanes: 4, run: portable },
    };
    Isa::available().into_iter().map(of).collect()
}

/// Four values a chain by `mul_add`: an instruction where the program is compiled for one, as on AArch64.
fn portable(m: f32, a: f32) -> f32 {
    let mut chains: [[f32; 4]; CHAINS] = std::array::from_fn(|i| [black_box(i as f32); 4]);
    for _ in 0..STEPS {
        for value in chains.as_flattened_mut() {
            *value = value.mul_add(m, a);
        }
    }
    chains.as_flattened().iter().sum()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{CHAINS, STEPS};
    use std::arch::x86_64::*;
    use std::hint::black_box;

    #[target_feature(enable = "avx512f")]
    pub fn avx512(m: f32, a: f32) -> f32 {
        let (m, a) = (_mm512_set1_ps(m), _mm512_set1_ps(a));
        // Chains that begin alike would be taken for one another by the compiler, and shuffled between registers.
        let mut chains: [__m512; CHAINS] =
            std::array::from_fn(|i| _mm512_set1_ps(black_box(i as f32)));
        for _ in 0..STEPS {
            for chain in &mut chains {
                *chain = _mm512_fmadd_ps(*chain, m, a);
            }
        }
        chains.into_iter().map(|chain| _mm512_reduce_add_ps(chain)).sum()
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn avx2(m: f32, a: f32) -> f32 {
        let (m, a) = (_mm256_set1_ps(m), _mm256_set1_ps(a));
        // 16 registers in all: two hold the factors.
        const FEWER: usize = CHAINS - 4;
        let mut chains: [__m256; FEWER] =
            std::array::from_fn(|i| _mm256_set1_ps(black_box(i as f32)));
        for _ in 0..STEPS * CHAINS as u64 / FEWER as u64 {
            for chain in &mut chains {
                *chain = _mm256_fmadd_ps(*chain, m, a);
            }
        }
        chains.into_iter().map(|chain| _mm256_cvtss_f32(chain)).sum()
    }
}

impl Loop {
    /// Floating-point operations of one run.
    fn operations(&self) -> f64 {
        2.0 * (STEPS * (self.lanes * CHAINS) as u64) as f64
    }

    /// Runs on each of so many threads; gives the seconds.
    fn seconds(&self, runs: u64, threads: usize) -> f64 {
        let work =
            || (0..runs).for_each(|_| _ = black_box((self.run)(black_box(0.5), black_box(0.5))));
        let started = Instant::now();
        std::thread::scope(|scope| {
            (1..threads).for_each(|_| _ = scope.spawn(work));
            work();
        });
        started.elapsed().as_secs_f64()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(threads) = std::env::args().nth(1) {
        let threads = threads.parse()?;
        for each in loops() {
            // About a second, whatever the instruction set.
            let runs = (1.0 / each.seconds(10, threads) * 10.0).ceil() as u64;
            let seconds = each.seconds(runs, threads);
            let rate = each.operations() * (runs * threads as u64) as f64 / seconds / 1e9;
            println!("{}: {rate:.1} GFLOP/s on {threads} threads", each.isa.name());
        }
        return Ok(());
    }
    serve(&loops()[0])
}

/// Lines in, lines out; a product counts as done when as many operations are.
fn serve(fastest: &Loop) -> Result<(), Box<dyn Error>> {
    let (mut threads, mut operations) = (1, 1.0);
    for line in std::io::stdin().lines() {
        let line = line?;
        let number = |key: &str| -> Result<usize, Box<dyn Error>> {
            let word = line.split('\t').find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
            Ok(word.ok_or_else(|| format!("the case lacks `{key}`"))?.parse()?)
        };
        match line.split(['\t', ' ']).next() {
            Some("case") => {
                threads = number("threads")?;
                operations =
                    2.0 * (number("batch")? * number("inputs")? * number("outputs")?) as f64;
                let isa = fastest.isa.name();
                println!(
                    r#"{{"ready":true,"versions":"{isa}","note":"fused multiply-adds in registers"}}"#
                );
            }
            Some("go") => {
                let asked = operations * line.trim_start_matches("go ").parse::<f64>()?;
                let runs = (asked / fastest.operations() / threads as f64).ceil().max(1.0);
                let seconds = fastest.seconds(runs as u64, threads);
                let products = runs * threads as f64 * fastest.operations() / operations;
                println!(r#"{{"seconds":{seconds},"examples":{products}}}"#);
            }
            _ => break,
        }
    }
    Ok(())
}
