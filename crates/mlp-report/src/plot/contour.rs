//! Values over a rectangle, and the curves on which they are equal.

use super::Point;
use std::collections::BTreeMap;

/// Values at the crossings of an even grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    low: Point,
    high: Point,
    columns: usize,
    rows: usize,
    /// Row by row from the bottom, `columns × rows`.
    values: Vec<f64>,
}

impl Grid {
    /// Values of a function from corner to corner, both included; between 2 and 512 each way.
    pub fn sample(
        low: Point,
        high: Point,
        (columns, rows): (usize, usize),
        f: impl Fn(f64, f64) -> f64,
    ) -> Grid {
        let (columns, rows) = (columns.clamp(2, 512), rows.clamp(2, 512));
        let mut grid =
            Grid { low, high, columns, rows, values: Vec::with_capacity(columns * rows) };
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)))
        {
            let (x, y) = grid.point(column as f64, row as f64);
            grid.values.push(f(x, y));
        }
        grid
    }

    /// The corner at the left and bottom.
    pub fn low(&self) -> Point {
        self.low
    }

    /// The corner at the right and top.
    pub fn high(&self) -> Point {
        self.high
    }

    /// Values each way.
    pub fn size(&self) -> (usize, usize) {
        (self.columns, self.rows)
    }

    /// The value of a column and row, counted from the left and from the bottom.
    pub fn at(&self, column: usize, row: usize) -> f64 {
        self.values.get(row * self.columns + column).copied().unwrap_or(f64::NAN)
    }

    /// The smallest and largest finite value; `None` of none.
    pub fn range(&self) -> Option<(f64, f64)> {
        let finite = self.values.iter().copied().filter(|v| v.is_finite());
        finite.fold(None, |range, v| {
            let (low, high) = range.unwrap_or((v, v));
            Some((low.min(v), high.max(v)))
        })
    }

    fn point(&self, column: f64, row: f64) -> Point {
        let share = |at: f64, n: usize| at / (n - 1) as f64;
        let (x, y) = (share(column, self.columns), share(row, self.rows));
        (self.low.0 + x * (self.high.0 - self.low.0), self.low.1 + y * (self.high.1 - self.low.1))
    }
}

/// An edge of the grid: column and row of its left or lower end, and whether it is upright.
type Edge = (usize, usize, bool);

/// The curves on which the grid has a value, each as a line of points (marching squares, with the value between
/// crossings taken as linear; a saddle is cut the same way everywhere).
pub fn contours(grid: &Grid, level: f64) -> Vec<Vec<Point>> {
    let mut next: BTreeMap<Edge, Vec<Edge>> = BTreeMap::new();
    for (row, column) in (0..grid.rows - 1).flat_map(|r| (0..grid.columns - 1).map(move |c| (r, c)))
    {
        for (a, b) in segments(grid, level, column, row) {
            next.entry(a).or_default().push(b);
            next.entry(b).or_default().push(a);
        }
    }
    let mut curves = Vec::new();
    // Open curves begin at an end; what is left after them is closed.
    for ends in [true, false] {
        let starts: Vec<Edge> = next.keys().copied().collect();
        for start in starts {
            let wanted =
                next.get(&start).is_some_and(|n| if ends { n.len() == 1 } else { !n.is_empty() });
            if wanted {
                let walk = walk(&mut next, start);
                curves.push(walk.into_iter().map(|edge| crossing(grid, level, edge)).collect());
            }
        }
    }
    curves
}

/// Follows a curve and takes it out.
fn walk(next: &mut BTreeMap<Edge, Vec<Edge>>, start: Edge) -> Vec<Edge> {
    let (mut at, mut edges) = (start, vec![start]);
    while let Some(to) = next.get_mut(&at).and_then(Vec::pop) {
        if let Some(back) = next.get_mut(&to)
            && let Some(i) = back.iter().position(|edge| *edge == at)
        {
            back.remove(i);
        }
        edges.push(to);
        at = to;
    }
    edges
}

/// The pieces of curve in a cell, each from edge to edge.
fn segments(grid: &Grid, level: f64, column: usize, row: usize) -> Vec<(Edge, Edge)> {
    let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(c, r)| grid.at(column + c, row + r));
    if corners.iter().any(|v| !v.is_finite()) {
        return Vec::new();
    }
    // Bottom, right, top, left: the edges between the corners.
    let edges = [
        (column, row, false),
        (column + 1, row, true),
        (column, row + 1, false),
        (column, row, true),
    ];
    let above = corners.map(|v| v > level);
    let crossed: Vec<Edge> =
        (0..4).filter(|&i| above[i] != above[(i + 1) % 4]).map(|i| edges[i]).collect();
    match crossed[..] {
        [a, b] => vec![(a, b)],
        [a, b, c, d] => vec![(a, b), (c, d)],
        _ => Vec::new(),
    }
}

/// Where on an edge the value is met.
fn crossing(grid: &Grid, level: f64, (column, row, upright): Edge) -> Point {
    let (right, up) = if upright { (0, 1) } else { (1, 0) };
    let (a, b) = (grid.at(column, row), grid.at(column + right, row + up));
    let share = if a == b { 0.5 } else { ((level - a) / (b - a)).clamp(0.0, 1.0) };
    let moved = |at: usize, by: usize| at as f64 + share * by as f64;
    grid.point(moved(column, right), moved(row, up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_one_closed_curve() {
        let grid = Grid::sample((-2.0, -2.0), (2.0, 2.0), (41, 41), |x, y| x * x + y * y);
        let curves = contours(&grid, 1.0);
        assert_eq!(curves.len(), 1);
        let curve = &curves[0];
        assert_eq!(curve.first(), curve.last());
        for (x, y) in curve {
            assert!(((x * x + y * y).sqrt() - 1.0).abs() < 0.01, "{x} {y}");
        }
    }

    #[test]
    fn a_slope_is_one_open_line() {
        let grid = Grid::sample((0.0, 0.0), (1.0, 1.0), (5, 9), |x, _| x);
        let curves = contours(&grid, 0.6);
        assert_eq!(curves.len(), 1);
        assert_eq!(curves[0].len(), 9);
        assert!(curves[0].iter().all(|p| (p.0 - 0.6).abs() < 1e-12));
        assert!(contours(&grid, 2.0).is_empty());
    }

    #[test]
    fn values_that_are_no_numbers_are_left_out() {
        let grid =
            Grid::sample((0.0, 0.0), (1.0, 1.0), (9, 9), |x, y| if y > 0.5 { f64::NAN } else { x });
        assert_eq!(contours(&grid, 0.6).len(), 1);
        assert_eq!(grid.range(), Some((0.0, 1.0)));
    }
}
