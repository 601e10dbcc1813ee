//! Equations, traces and steps: what is printed, computed anew from its own digits.

use crate::common::{Case, cases};
use mlp_model::explain::{Decimal, Equations, Term, Trace, TraceStep};
use mlp_model::reference::{Reference, ReferenceLoss};
use mlp_model::tensor::Activation;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A reader with a calculator: `name = f(0.5·x1 − 2·x2 + 1)` from the values of the names so far.
fn evaluate(equation: &str, values: &mut BTreeMap<String, f64>) {
    let (name, right) = equation.split_once(" = ").unwrap();
    let (activation, sum) = match right.split_once('(') {
        Some((word, rest)) => {
            (Activation::from_name(word).unwrap(), rest.strip_suffix(')').unwrap())
        }
        None => (Activation::Identity, right),
    };
    let mut total = 0.0;
    let sum = sum.replace(" − ", " + −");
    for term in sum.split(" + ") {
        let mut factors = term.split('·');
        let number: f64 = factors.next().unwrap().replace('−', "-").parse().unwrap();
        total += number * factors.next().map_or(1.0, |name| values[name]);
    }
    values.insert(name.to_string(), activation.value_f64(total));
}

/// The units of a printed number and its decimals.
fn units(number: Decimal) -> (i128, usize) {
    let text = number.to_string().replace('−', "-");
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    (text.replace('.', "").parse().unwrap(), decimals)
}

fn case() -> impl Strategy<Value = Case> {
    cases().prop_map(|case| Case { count: 1, ..case })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_equations_are_the_network(case in case()) {
        let network = case.reference();
        let x = &case.rows()[0];
        let equations = Equations::of(&network).terms(usize::MAX - 1).decimals(12);
        let mut values = BTreeMap::new();
        for (i, x) in x.iter().enumerate() {
            values.insert(equations.input_name(0, i), *x);
        }
        for layer in 0..network.layers.len() {
            for equation in equations.layer(layer, usize::MAX) {
                evaluate(&equation.numbers, &mut values);
                let left = equation.symbols.split(" = ").next();
                prop_assert_eq!(left, Some(equation.name.as_str()));
            }
        }
        let last = network.layers.len() - 1;
        for (k, y) in network.forward(x).iter().enumerate() {
            let off = (values[&equations.name(last, k)] - y).abs();
            prop_assert!(off <= 1e-9 * (1.0 + y.abs()), "output {k} is off by {off}");
        }
    }

    #[test]
    fn a_calculator_gets_the_digits_of_a_trace(
        case in case(),
        decimals in 0u32..7,
        most in 2usize..12,
    ) {
        let network = case.reference();
        let trace = Trace::new(&network, &case.rows()[0], decimals);
        for (l, layer) in trace.layers.iter().enumerate() {
            for (node, (z, y)) in layer.z.iter().zip(&layer.y).enumerate() {
                let mut sum = units(trace.bias(l, node)).0 * 10i128.pow(decimals);
                let mut seen = 0;
                for term in trace.terms(l, node, most) {
                    let (add, so_far) = match term {
                        Term::Product { input, weight, value, product, sum } => {
                            prop_assert_eq!(input, seen);
                            prop_assert_eq!(units(weight).0 * units(value).0, units(product).0);
                            seen += 1;
                            (product, sum)
                        }
                        Term::Others { count, product, sum } => {
                            seen += count;
                            (product, sum)
                        }
                    };
                    // A sum of products that are all left out keeps its decimals too.
                    prop_assert_eq!(units(add).1, 2 * decimals as usize);
                    sum += units(add).0;
                    prop_assert_eq!(units(so_far).0, sum);
                }
                prop_assert_eq!(seen, network.layers[l].weights[node].len());
                // By the school's rule: half a unit more in size, and cut.
                let one = 10i128.pow(decimals);
                let rounded = sum.signum() * ((sum.abs() + one / 2) / one);
                prop_assert_eq!(units(*z).0, rounded);
                let answer = network.layers[l].activation.value_f64(z.value());
                prop_assert_eq!(*y, Decimal::round(answer, decimals));
            }
        }
    }

    #[test]
    fn a_trace_ends_in_the_networks_output(case in case()) {
        let network = case.reference();
        let x = &case.rows()[0];
        let trace = Trace::new(&network, x, 9);
        prop_assert_eq!(&trace.exact, &network.forward(x));
        let (off, decimals) = trace.agreement();
        for (printed, exact) in trace.outputs().iter().zip(&trace.exact) {
            let this = (printed.value() - exact).abs();
            prop_assert!(this <= off && this <= 1e-6, "off by {this}");
            prop_assert!(this <= 0.5 * Decimal::unit(decimals).value());
        }
        prop_assert!(decimals >= 5);
    }

    #[test]
    fn a_step_is_gradient_descent(case in case(), rate in 1e-6f64..1e-4) {
        let (network, x) = (case.reference(), case.rows().swap_remove(0));
        let target = case.target(0);
        let step = TraceStep::take(&network, case.loss, &x, &target, rate);
        let (loss, gradient) = network.gradient(case.loss, &[x], &target);
        prop_assert_eq!(step.loss, loss);
        let layers = step.layers.iter().map(|l| l.gradient.clone()).collect();
        prop_assert_eq!(Reference { layers }.flat(), gradient.clone());
        let moved = network.flat().iter().zip(&gradient).map(|(w, g)| w - rate * g).collect::<Vec<_>>();
        prop_assert_eq!(step.after.flat(), moved);
        let square: f64 = gradient.iter().map(|g| g * g).sum();
        // To first order the loss falls by the rate times the square of the gradient.
        prop_assert!(step.loss_after <= loss + 1e-12);
        if square * rate > 1e-9 && case.nearest_jump() > 1e-2 {
            let fall = (loss - step.loss_after) / (rate * square);
            prop_assert!((fall - 1.0).abs() < 0.2, "it fell by {fall} of what was foretold");
        }
    }

    #[test]
    fn decimals_are_exact(a in -1e6f64..1e6, b in -1e6f64..1e6, n in 0u32..7) {
        let (x, y) = (Decimal::round(a, n), Decimal::round(b, n));
        prop_assert!((x.value() - a).abs() <= 0.5 * Decimal::unit(n).value() * (1.0 + 1e-9));
        prop_assert_eq!(x.plus(y), y.plus(x));
        prop_assert_eq!(x.times(y).plus(x), x.plus(x.times(y)));
        prop_assert_eq!(x.to(12).to(n), x);
        prop_assert_eq!(x.is_negative(), x.to_string().starts_with('−'));
    }
}

#[test]
fn long_sums_are_elided() {
    let case = Case::new(1, 10, &[(2, Activation::Relu)], 2, ReferenceLoss::Squared, 1);
    let network = case.reference();
    let equations = Equations::of(&network).terms(4).decimals(2);
    let first = equations.equation(0, 1);
    assert_eq!(first.symbols, "n2l1 = relu(w1·x1 + w2·x2 + w3·x3 + … + w10·x10 + b)");
    assert!(first.numbers.starts_with("n2l1 = relu("), "{}", first.numbers);
    assert!(first.numbers.contains(" + … (6 more) "), "{}", first.numbers);
    assert_eq!(equations.equation(1, 0).symbols, "y = w1·n1l1 + w2·n2l1 + b");
    let named = equations.inputs(vec!["age".into()]).outputs(vec!["price".into()]);
    assert!(named.equation(0, 0).symbols.contains("w1·age + w2·x2 +"));
    assert_eq!(named.equation(1, 0).name, "price");

    let trace = Trace::new(&network, &case.rows()[0], 3);
    let lines = trace.terms(0, 0, 4);
    assert!(matches!(lines[3], Term::Others { count: 6, .. }), "{lines:?}");
    assert!(matches!(lines[4], Term::Product { input: 9, .. }), "{lines:?}");
}

#[test]
fn hostile_numbers_do_not_panic() {
    for value in [f64::NAN, f64::INFINITY, -1e300, 3e38] {
        let x = Decimal::round(value, 40);
        let text = x.times(x).plus(x).to(3).abs().to_string();
        assert!(!text.is_empty());
    }
}
