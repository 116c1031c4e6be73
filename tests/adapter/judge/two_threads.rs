//! A split of long work over two threads.

/// Calls `judge` on two threads with half of the items each, and returns both results. The halves are alike:
/// every second item is in the other.
pub(crate) fn on_two_threads<T: Sync, R: Send>(
    items: &[T],
    judge: impl Fn(Vec<&T>) -> R + Sync,
) -> [R; 2] {
    let half = |first: usize| items.iter().skip(first).step_by(2).collect();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| judge(half(1)));
        [judge(half(0)), other.join().unwrap()]
    })
}
