//! Stacks of matrices: parts are disjoint and cover the batch; what is not there is refused.

use mlp_tensor::{Exec, Stack};

/// Heights below and above the one from which columns are spread, and none.
const HEIGHTS: [usize; 4] = [3, 0, 300, 512];

fn stack(capacity: usize) -> Stack {
    let mut stack = Stack::new(capacity, HEIGHTS.map(|height| (height, height == 512)));
    (0..HEIGHTS.len()).for_each(|i| stack.make(i));
    stack
}

#[test]
fn parts_cover_the_batch_once() {
    for threads in [1, 2, 3] {
        let exec = Exec::new(None, Some(threads)).unwrap();
        for (count, width) in [(0, 4), (1, 4), (10, 3), (10, 10), (10, 0), (7, 100)] {
            let mut stack = stack(10);
            stack.for_each_part(&exec, count, width, |part| {
                let first = part.range().start;
                for [mut a, mut b] in [part.split([0, 2])] {
                    assert_eq!((a.nrows(), b.nrows(), a.ncols()), (3, 300, b.ncols()));
                    for i in 0..a.ncols() {
                        a.column_mut(i).add_scalar_mut((first + i) as f32);
                        b.column_mut(i).add_scalar_mut((first + i) as f32 + 0.5);
                    }
                }
                assert_eq!(part.view(1).nrows(), 0);
            });
            for i in 0..10 {
                let wanted = if i < count { i as f32 } else { 0.0 };
                assert!(stack.view(0, 10).column(i).iter().all(|&v| v == wanted));
                let wanted = if i < count { i as f32 + 0.5 } else { 0.0 };
                assert!(stack.view(2, 10).column(i).iter().all(|&v| v == wanted));
            }
        }
    }
}

#[test]
fn dense_matrices_have_no_gaps() {
    let mut stack = stack(4);
    assert_eq!(stack.values(3, 4).len(), 4 * 512);
    assert!(stack.values(2, 4).len() > 4 * 300);
    stack.view_mut(3, 2).fill(1.0);
    let (read, written) = stack.pair(3, 0, 2);
    assert!(read.iter().all(|&v| v == 1.0) && written.len() == 6);
}

#[test]
fn making_again_keeps_what_is_there() {
    let mut stack = stack(4);
    stack.view_mut(0, 4).fill(2.0);
    stack.make(0);
    assert!(stack.view(0, 4).iter().all(|&v| v == 2.0));
}

fn refuses(work: impl Fn(&mut Stack)) {
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut stack = Stack::new(4, HEIGHTS.map(|height| (height, false)));
        stack.make(0);
        stack.make(3);
        work(&mut stack);
    }));
    assert!(refused.is_err());
}

#[test]
fn what_is_not_there_is_refused() {
    let each = |stack: &mut Stack, work: &(dyn Fn(&mut mlp_tensor::Part<'_>) + Sync)| {
        stack.for_each_part(&Exec::serial(), 4, 2, |part| work(part));
    };
    refuses(move |stack| {
        each(stack, &|part| {
            part.split([0, 0]);
        })
    });
    refuses(move |stack| {
        each(stack, &|part| {
            part.values([3, 3]);
        })
    });
    refuses(move |stack| {
        each(stack, &|part| {
            part.split_some([Some(0), None, Some(0)]);
        })
    });
    refuses(move |stack| {
        each(stack, &|part| {
            part.split([2]);
        })
    });
    refuses(move |stack| {
        each(stack, &|part| {
            part.view(4);
        })
    });
    refuses(|stack| stack.for_each_part(&Exec::serial(), 5, 2, |_| {}));
    refuses(|stack| {
        stack.pair(0, 0, 1);
    });
    refuses(|stack| {
        stack.view(0, 5);
    });
    // Nothing twice is fine.
    let mut stack = stack(4);
    each(&mut stack, &|part| assert_eq!(part.split_some([None, Some(0), None]).len(), 3));
}
