//! Calls idem in memory so many times and nothing else, for a profiler:
//!
//! `valgrind --tool=callgrind target/release/calls first 10000`

use idem_bench::contenders::{Attribute, AttributeFingerprint, Contender};
use idem_bench::orders::Order;

async fn calls<C: Contender>(contender: &C, orders: &[Order], repeated: usize) {
    for _ in 0..repeated {
        for order in orders {
            std::hint::black_box(contender.call(order).await);
        }
    }
}

async fn run<C: Contender>(which: &str, count: usize) {
    let contender = C::fresh().await;
    let (orders, repeated) = if which == "first" { (count, 1) } else { (1, count) };
    let orders = Order::batch(0, orders);
    let begun = std::time::Instant::now();
    calls(&contender, &orders, repeated).await;
    println!("{:.0} ns per call", begun.elapsed().as_secs_f64() * 1e9 / count as f64);
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let which = arguments.next().unwrap_or_default();
    let count = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(10_000);
    match which.as_str() {
        "first" | "replay" => run::<Attribute>(&which, count).await,
        "first-fingerprint" => run::<AttributeFingerprint>("first", count).await,
        "replay-fingerprint" => run::<AttributeFingerprint>("replay", count).await,
        _ => eprintln!("usage: calls first|replay|first-fingerprint|replay-fingerprint [count]"),
    }
}
