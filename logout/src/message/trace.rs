//! A backtrace as a person wants it: the program's own frames, without the runtime around them.

/// What the names of frames begin with that are not the program's: the standard library, what the
/// system calls it by, and the hook that captured the trace.
const RUNTIME: [&str; 15] = [
    "std::",
    "core::",
    "alloc::",
    "<std::",
    "<core::",
    "<alloc::",
    "<&",
    "__rust",
    "rust_begin_unwind",
    "rust_panic",
    "_start",
    "__libc",
    "clone3",
    "start_thread",
    "logout::handle::panics",
];

/// Returns the frames of the program in their order and with their numbers, and how many were left
/// out; nothing where none can be, or where that would be all of them.
pub(super) fn own_frames(trace: &str) -> Option<String> {
    let (mut own, mut left_out, mut is_own) = (String::new(), 0_usize, false);
    for line in trace.lines() {
        if let Some(name) = frame(line) {
            is_own = !RUNTIME.iter().any(|prefix| name.starts_with(prefix)) && name != "main";
            left_out += usize::from(!is_own);
        }
        if is_own {
            own.push_str(line);
            own.push('\n');
        }
    }
    if own.is_empty() || left_out == 0 {
        return None;
    }
    let frames = if left_out == 1 { "frame" } else { "frames" };
    own.push_str(&format!("… and {left_out} {frames} of the runtime"));
    Some(own)
}

/// Returns the name on a line that begins a frame, `  12: shop::cart::remove`; the lines below it
/// say where it stands.
fn frame(line: &str) -> Option<&str> {
    let (number, name) = line.trim_start().split_once(": ")?;
    let is_frame = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_frame.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::own_frames;

    const TRACE: &str = "   0: logout::handle::panics::capture_panic
             at logout/src/handle/panics.rs:84:17
   1: std::panicking::panic_with_hook
   2: shop::cart::remove
             at src/cart.rs:41:9
   3: <shop::Cart as core::ops::Drop>::drop
             at src/cart.rs:60:5
   4: core::ops::function::FnOnce::call_once
   5: main
   6: __libc_start_main";

    #[test]
    fn the_programs_own_frames_are_kept_with_their_places() {
        assert_eq!(
            own_frames(TRACE).unwrap(),
            "   2: shop::cart::remove\n             at src/cart.rs:41:9\n   3: <shop::Cart as core::ops::Drop>::drop\n             at src/cart.rs:60:5\n… and 5 frames of the runtime"
        );
    }

    #[test]
    fn a_trace_of_one_kind_of_frames_alone_stays_whole() {
        for trace in [
            "   0: std::rt::lang_start\n   1: __libc_start_main",
            "   0: shop::cart::remove\n             at src/cart.rs:41:9",
            "",
        ] {
            assert_eq!(own_frames(trace), None, "{trace}");
        }
    }
}
