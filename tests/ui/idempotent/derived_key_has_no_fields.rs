//! What has no fields tells no two calls apart.

use idem::IntoKey;

#[derive(IntoKey)]
struct Nothing;

#[derive(IntoKey)]
struct NothingElse {}

#[derive(IntoKey)]
enum Never {}

#[derive(IntoKey)]
union Either {
    whole: u64,
    half: u32,
}

#[derive(IntoKey)]
#[into_key(krate = idem)]
struct OrderId(u64);

fn main() {}
