//! Tests of the tables.

use super::*;
use serde_json::json;

fn result(kind: &str, case: &str, threads: u64) -> Value {
    json!({
        "kind": kind, "case": case, "title": "784-10", "data": "MNIST", "threads": threads, "unit": "examples/s",
        "programs": [
            { "name": "ours", "versions": "mlp 1", "note": "avx512, 5 parameters", "median": 123456.0, "min": 99.0,
              "max": 1.5e6, "first_loss": 0.25 },
            { "name": "peer", "versions": "peer 2", "note": "", "median": 61728.0, "min": 5.0, "max": 7.0,
              "ratio": 2.0, "ratio_min": 1.9, "ratio_max": 2.125, "first_loss": 0.26 },
        ],
        "missing": [{ "name": "other", "reason": "no module" }],
    })
}

#[test]
fn numbers_have_three_digits() {
    #[track_caller]
    fn check(value: f64, expected: &str) {
        assert_eq!(number(&json!(value)), expected);
    }
    check(0.1234, "0.123");
    check(0.99951, "1.00");
    check(3.456, "3.46");
    check(17.64, "17.6");
    check(99.96, "100");
    check(999.6, "1,000");
    check(123456.0, "123,000");
    check(2_984_000.0, "2,980,000");
    assert_eq!(number(&Value::Null), "–");
}

#[test]
fn the_terminal_sees_spread_ratio_loss_and_who_is_missing() {
    let text = text(&result("train", "T1", 2));
    for part in [
        "train T1: 784-10, 2 threads, MNIST",
        "123,000",
        "99.0–1,500,000",
        "2.00 (1.90–2.12)",
        "0.2600",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(text.contains("not measured: no module"), "{text}");
}

#[test]
fn tables_are_replaced_between_their_lines() {
    let record = json!({ "date": "2026-01-02", "processor": "P", "cores": 2, "system": "linux",
        "results": [result("train", "T1", 1), result("train", "T2", 1), result("inference", "row", 2)] });
    let page = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
    let page = rewrite(&page, std::slice::from_ref(&record)).unwrap();
    assert!(
        page.starts_with("before\n") && page.ends_with("after\n") && !page.contains("old"),
        "{page}"
    );
    for part in [
        "### Training, 1 thread\n",
        "| | T1 | T2 |\n|---|---|---|\n| ours | 123,000 (99.0–1,500,000) |",
        "| peer | 61,700 (5.00–7.00), **2.00×** |",
        "| peer | 0.2600 | 0.2600 |",
        "### Inference, 2 threads",
        "* other: no module (case/threads: T1/1, T2/1, row/2)",
        "* ours (train): mlp 1; avx512\n",
    ] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    assert_eq!(rewrite(&page, std::slice::from_ref(&record)).unwrap(), page);
    assert!(rewrite("nothing", std::slice::from_ref(&record)).is_err());
    let mut older = record.clone();
    older["date"] = json!("2025-12-31");
    let both = rewrite(&page, &[record, older]).unwrap();
    let at = |date: &str| both.find(&format!("## {date}: P, 2 cores, linux\n")).unwrap();
    assert!(at("2026-01-02") < at("2025-12-31"), "{both}");
}

#[test]
fn products_show_the_share_of_the_peak() {
    let mut result = result("gemm", "1024", 1);
    result["programs"][1]["name"] = json!(PEAK);
    result["programs"][1]["median"] = json!(246912.0);
    let table = products(&[&result]);
    assert!(table.contains("| 784-10 | 123,000 (50 %) | 247,000 |"), "{table}");
}
