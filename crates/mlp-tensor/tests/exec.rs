//! `Exec` hands out every piece of work once, and sums do not depend on how.

use mlp_tensor::reduce::{all_finite, sum, sum_of_squares};
use mlp_tensor::{Exec, ExecError, Isa};
use std::sync::atomic::{AtomicUsize, Ordering};

fn execs() -> Vec<Exec> {
    [1, 2, 3, 8].map(|threads| Exec::new(None, Some(threads)).unwrap()).into()
}

#[test]
fn every_index_once() {
    for exec in execs() {
        for count in [0, 1, 2, 7, 1000] {
            let hits: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
            exec.for_each(count, |i| {
                hits[i].fetch_add(1, Ordering::Relaxed);
            });
            assert!(hits.iter().all(|h| h.load(Ordering::Relaxed) == 1));
            assert_eq!(exec.map(count, |i| i * i), (0..count).map(|i| i * i).collect::<Vec<_>>());
        }
    }
}

/// Fewer threads, another number for every job, also by two callers at once.
#[test]
fn at_most_so_many_threads() {
    for exec in execs() {
        let fewer: Vec<Exec> = (0..10).map(|most| exec.at_most(most)).collect();
        for (most, fewer) in fewer.iter().enumerate() {
            assert_eq!(fewer.threads(), most.clamp(1, exec.threads()));
            assert_eq!(fewer.at_most(3).threads(), fewer.threads().min(3));
            let threads = std::sync::Mutex::new(std::collections::BTreeSet::new());
            fewer.for_each(40, |_| {
                threads.lock().unwrap().insert(format!("{:?}", std::thread::current().id()));
                std::thread::sleep(std::time::Duration::from_micros(100));
            });
            assert!(threads.into_inner().unwrap().len() <= fewer.threads(), "{fewer:?}");
        }
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for job in 0..20_000 / exec.threads().pow(2) {
                        let hits = [const { AtomicUsize::new(0) }; 9];
                        fewer[job % 10].for_each(hits.len(), |i| {
                            hits[i].fetch_add(1, Ordering::Relaxed);
                        });
                        assert!(hits.iter().all(|hits| hits.load(Ordering::Relaxed) == 1));
                    }
                });
            }
        });
    }
}

#[test]
fn chunks_cover_the_slice() {
    for exec in execs() {
        for (len, chunk) in [(0, 4), (1, 4), (4, 4), (10, 4), (10, 0), (1001, 10)] {
            let mut values = vec![usize::MAX; len];
            exec.for_each_chunk(&mut values, chunk, |i, piece| {
                assert!(!piece.is_empty() && piece.len() <= chunk.max(1));
                piece.iter_mut().enumerate().for_each(|(j, v)| *v = i * chunk.max(1) + j);
            });
            assert!(values.iter().enumerate().all(|(i, &v)| i == v));
        }
    }
}

#[test]
fn work_within_work_ends() {
    for exec in execs() {
        let sums = exec.map(20, |i| exec.map(20, |j| i * j).into_iter().sum::<usize>());
        assert_eq!(sums, (0..20).map(|i| i * 190).collect::<Vec<_>>());
    }
}

#[test]
fn a_panic_comes_back_and_the_pool_goes_on() {
    for exec in execs() {
        let run = || exec.for_each(50, |i| assert!(i != 31, "on purpose"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
        assert_eq!(exec.map(3, |i| i), [0, 1, 2]);
    }
}

/// Short jobs in close succession, with pauses in which the helpers go to sleep.
#[test]
fn a_hundred_thousand_jobs() {
    for exec in execs() {
        let total = AtomicUsize::new(0);
        for job in 0..100_000 / exec.threads().pow(2) {
            if job % 5_000 == 4_999 {
                std::thread::sleep(std::time::Duration::from_millis(3));
            }
            exec.for_each(1 + job % 5, |i| {
                total.fetch_add(i + 1, Ordering::Relaxed);
            });
        }
        let jobs = 0..100_000 / exec.threads().pow(2);
        let expected: usize = jobs.map(|job| (1..=1 + job % 5).sum::<usize>()).sum();
        assert_eq!(total.into_inner(), expected, "{exec:?}");
    }
}

/// Whoever finds the threads at work does its work alone.
#[test]
fn several_callers_share_the_threads() {
    for exec in execs() {
        let total = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let (exec, total) = (exec.clone(), &total);
                scope.spawn(move || {
                    for _ in 0..500 {
                        exec.for_each(10, |_| {
                            total.fetch_add(1, Ordering::Relaxed);
                        });
                    }
                });
            }
        });
        assert_eq!(total.into_inner(), 20_000);
    }
}

#[test]
fn a_panic_in_any_piece_comes_back() {
    for exec in execs() {
        for bad in 0..8 {
            let run = || exec.for_each(8, |i| assert!(i != bad, "piece {i}"));
            let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
            assert_eq!(panic.downcast_ref::<String>().unwrap(), &format!("piece {bad}"));
            let sum = AtomicUsize::new(0);
            exec.for_each(100, |i| {
                sum.fetch_add(i, Ordering::Relaxed);
            });
            assert_eq!(sum.into_inner(), 4950);
        }
    }
}

#[test]
fn instruction_sets_by_name() {
    for isa in Isa::ALL {
        assert_eq!(Isa::from_name(isa.name()), Some(isa));
        let made = Exec::new(Some(isa), Some(1));
        if Isa::available().contains(&isa) {
            assert_eq!(made.unwrap().isa(), isa);
        } else {
            let message = made.unwrap_err().to_string();
            assert!(message.contains(isa.name()) && message.contains("portable"), "{message}");
        }
    }
    assert_eq!(Isa::from_name("mmx"), None);
    assert_eq!(Isa::available().last(), Some(&Isa::Portable));
    assert_eq!(Exec::serial().threads(), 1);
    assert_eq!(Exec::new(None, Some(0)).unwrap().threads(), 1);
    let shown = ExecError::Threads { threads: 3, why: "no".into() }.to_string();
    assert_eq!(shown, "cannot start 3 threads: no");
}

#[test]
fn sums_are_right_and_independent_of_threads() {
    for len in [0, 1, 15, 16, 17, 4096, 4097, 100_000] {
        // Small integers: every order of summation is exact.
        let x: Vec<f32> = (0..len).map(|i| (i % 7) as f32 - 3.0).collect();
        let exact: f64 = x.iter().map(|&x| f64::from(x * x)).sum();
        let wild: Vec<f32> =
            x.iter().enumerate().map(|(i, x)| x * 1.1 + 1e4 / (i + 1) as f32).collect();
        let expected = sum_of_squares(&Exec::serial(), &wild).to_bits();
        for exec in execs() {
            assert_eq!(sum_of_squares(&exec, &x), exact);
            assert_eq!(sum_of_squares(&exec, &wild).to_bits(), expected);
        }
        let x: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        assert_eq!(sum(&x), x.iter().sum::<f64>());
    }
}

/// The order is part of the contract: lanes of 16 within chunks of 4096, combined by halves.
#[test]
fn the_order_of_sums_is_the_stated_one() {
    let x: Vec<f64> = (0..10_000).map(|i| 1.0 / f64::from(i + 1)).collect();
    let chunk = |x: &[f64]| {
        let mut lanes = [0.0; 16];
        x.iter().enumerate().for_each(|(i, x)| lanes[i % 16] += x);
        for width in [8, 4, 2, 1] {
            (0..width).for_each(|i| lanes[i] += lanes[i + width]);
        }
        lanes[0]
    };
    let expected = (chunk(&x[..4096]) + chunk(&x[4096..8192])) + chunk(&x[8192..]);
    assert_eq!(sum(&x).to_bits(), expected.to_bits());
}

#[test]
fn one_value_that_is_not_finite_is_found() {
    for exec in execs() {
        for len in [1, 5000, 40_000] {
            let mut x = vec![f32::MAX; len];
            assert!(all_finite(&exec, &x));
            for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                for i in [0, len / 2, len - 1] {
                    let kept = std::mem::replace(&mut x[i], bad);
                    assert!(!all_finite(&exec, &x), "{bad} at {i} of {len}");
                    x[i] = kept;
                }
            }
        }
        assert!(all_finite(&exec, &[]));
    }
}
