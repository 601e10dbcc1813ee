//! `kill -9` at random moments: the run folder does not exist or resumes to the same model, with any number of threads,
//! and no temporary file outlives the next run.

use crate::make::randoms;
use crate::program::Place;
use crate::training::Reference;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `job(0)`, …, `job(n - 1)`, two at a time.
fn two_at_a_time(n: usize, job: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    match next.fetch_add(1, Ordering::Relaxed) {
                        i if i < n => job(i),
                        _ => return,
                    }
                }
            });
        }
    });
}

/// Moments over the whole of a training, from before its start until after its end.
fn moments(n: usize, seed: u64) -> Vec<f64> {
    let mut random = randoms(seed);
    (0..n).map(|_| random() * 1.1).collect()
}

/// Checkpoints after every step, so that most of the time something is being written.
#[test]
fn killed_200_times_it_always_goes_on() {
    let args =
        ["train", "iris", "--hidden", "8", "--epochs", "80", "--quiet", "--checkpoint-every", "0"];
    let reference = Reference::new(&args);
    let moments = moments(200, 1);
    let (running, begun) = (AtomicUsize::new(0), AtomicUsize::new(0));
    two_at_a_time(moments.len(), |i| {
        let place = Place::in_memory();
        let killed = reference.start(&place, &[]).kill_after(reference.time.mul_f64(moments[i]));
        running.fetch_add(usize::from(killed), Ordering::Relaxed);
        begun.fetch_add(usize::from(killed && place.path("run").exists()), Ordering::Relaxed);
        reference.settle(&place, &[], &format!("kill {i} at {:.3} of the time", moments[i]));
    });
    let (running, begun) = (running.into_inner(), begun.into_inner());
    eprintln!("of 200 kills {running} met a running program, {begun} of these a training");
    assert!(begun >= 40, "the moments miss the training: {begun} of 200 met it");
}

/// In the middle of epochs, with dropout and shuffled batches; each time twice, and with other numbers of threads.
#[test]
fn killed_and_resumed_with_other_threads_20_times() {
    let args = ["train", "digits", "--hidden", "64", "--epochs", "12", "--quiet"];
    let often = ["--checkpoint-every", "0"];
    let reference = Reference::new(&[&args[..], &often].concat());
    let moments = moments(20, 2);
    two_at_a_time(moments.len(), |i| {
        let place = Place::in_memory();
        let threads = |n: usize| [&["--threads"][..], &[["1", "2", "5"][n % 3]]].concat();
        let time = reference.time.mul_f64(moments[i]);
        reference.start(&place, &threads(i)).kill_after(time);
        if place.path("run").exists() {
            let resume = [&["train", "--resume", "run", "--quiet"], &threads(i + 1)[..]].concat();
            crate::training::Training::start(&place, &resume).kill_after(time / 2);
        }
        reference.settle(&place, &threads(i + 2), &format!("kill {i} at {:.3}", moments[i]));
    });
}

/// A whole run can be resumed, too: it is done at once and stays as it is.
#[test]
fn a_finished_run_resumes_to_itself() {
    let args = ["train", "iris", "--hidden", "8", "--epochs", "5", "--quiet"];
    let reference = Reference::new(&args);
    let place = Place::new();
    reference.settle(&place, &[], "trained");
    let before = place.sha256("run/metrics.csv");
    // As if killed in its last write: a_kill_in_the_last_write_left_its_temporary_file.
    place.write("run/metrics.csv.tmp", "half");
    reference.settle(&place, &[], "resumed");
    assert_eq!(place.sha256("run/metrics.csv"), before);
}
