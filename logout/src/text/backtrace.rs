//! Backtraces shortened to the program's own frames, without those of libraries and of the runtime.

use std::fmt::Write as _;

use super::source_path::in_repository;

/// Parts of paths of sources that are not the program's: of crates from a registry and from git, of
/// the standard library as it was built and as rustup installs it, and of the panic hook.
const FOREIGN: [&str; 8] = [
    "/registry/src/",
    "/git/checkouts/",
    "/rustc/",
    "/library/std/",
    "/library/core/",
    "/library/alloc/",
    "/rustlib/src/",
    "/logout/src/handle/panics",
];

/// Crates around a program; they identify frames without a path.
#[rustfmt::skip]
const RUNTIMES: [&str; 36] = [
    "actix_rt", "alloc", "anyhow", "async_executor", "async_global_executor", "async_io",
    "async_std", "async_task", "axum", "backtrace", "blocking", "color_eyre", "core",
    "crossbeam_utils", "eyre", "futures_core", "futures_executor", "futures_lite", "futures_util",
    "h2", "hyper", "hyper_util", "rayon", "rayon_core", "smol", "std", "stable_eyre", "test",
    "tokio", "tokio_util", "tonic", "tower", "tracing", "tracing_core", "tracing_error",
    "tracing_subscriber",
];

/// The module of the panic hook.
const PANIC_HOOK: &str = "logout::handle::panics";

/// Returns the frames of the program in their order, with their numbers and with paths relative to
/// the repository, and how many were left out; nothing if the program has none or all of them.
pub(crate) fn own_frames(trace: &str) -> Option<String> {
    let mut own = String::new();
    let mut left_out = 0;
    let mut lines = trace.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(symbol) = symbol(line) else {
            left_out += hidden(line);
            continue;
        };
        let mut place = Vec::new();
        while let Some(next) = lines.next_if(|next| is_of_frame(next)) {
            place.push(next);
        }
        if !is_own(symbol, place.first().copied()) {
            left_out += 1;
            continue;
        }
        let _infallible = writeln!(own, "{}", without_hash(line));
        for line in place {
            let path = line.trim_start().strip_prefix("at ");
            let _infallible = match path.filter(|path| !path.starts_with('<')) {
                // A phone shows some forty characters in a line.
                Some(path) => writeln!(own, "      at {}", in_repository(path)),
                None => writeln!(own, "{line}"),
            };
        }
    }
    if own.is_empty() || left_out == 0 {
        return None;
    }
    let frames = if left_out == 1 { "frame" } else { "frames" };
    let _infallible = write!(own, "… and {left_out} other {frames}");
    Some(own)
}

/// Returns whether a backtrace begins after this line, as anyhow, eyre and color-eyre write it.
pub(crate) fn is_title(line: &str) -> bool {
    let text = line.trim();
    let banner = text.trim_matches('━');
    match text {
        "Stack backtrace:" | "Backtrace:" => !line.starts_with([' ', '\t']),
        _ => banner.len() < text.len() && banner.trim() == "BACKTRACE",
    }
}

/// Returns a text that ends in a backtrace with the frames that are not the program's replaced by
/// their number; nothing if that saves little. The last frame may go on after the end of the text,
/// so it stays.
pub(crate) fn without_other_frames(text: &str) -> Option<String> {
    let mut begin = 0;
    let title = text.split_inclusive('\n').find(|line| {
        begin += line.len();
        line.ends_with('\n') && is_title(line)
    });
    let (before, trace) = text.split_at_checked(begin).filter(|_| title.is_some())?;
    let (mut own, mut left_out) = (String::new(), 0);
    let mut rest = trace;
    while let Some(line) = rest.split_inclusive('\n').next() {
        let frame = if symbol(line).is_some() {
            let mut lines = rest.split_inclusive('\n').skip(1);
            let below = lines.by_ref().take_while(|line| is_of_frame(line));
            line.len() + below.map(str::len).sum::<usize>()
        } else {
            line.len()
        };
        let (frame, behind) = rest.split_at_checked(frame)?;
        let place = frame.lines().nth(1);
        rest = behind;
        match symbol(line) {
            None if hidden(line) > 0 => left_out += hidden(line),
            Some(symbol) if !behind.is_empty() && !is_own(symbol, place) => left_out += 1,
            _ => own.push_str(frame),
        }
    }
    let frames = if left_out == 1 { "frame" } else { "frames" };
    let shortened = format!("{before}   ⋮ {left_out} {frames} hidden ⋮\n{own}");
    (left_out > 0 && shortened.len() + text.len() / MIN_SAVING < text.len()).then_some(shortened)
}

/// A text that gets shorter by less than this fraction is not shortened: each attempt reads all of
/// it.
const MIN_SAVING: usize = 8;

/// Returns whether a frame is the program's, by its path, or by its name if it has none.
fn is_own(symbol: &str, place: Option<&str>) -> bool {
    if symbol.starts_with(PANIC_HOOK) {
        return false;
    }
    let path = place.and_then(|place| place.trim_start().strip_prefix("at "));
    let Some(path) = path.filter(|path| !path.starts_with("<unknown")) else {
        // `main` and `clone3` start a program and a thread.
        return symbol.contains("::") && !RUNTIMES.contains(&crate_of(symbol));
    };
    let path = path.replace('\\', "/");
    let is_foreign = FOREIGN.iter().any(|foreign| path.contains(foreign));
    // What is inlined has a name without its module.
    !is_foreign && (symbol.contains("::") || path.contains(".rs:"))
}

/// Returns the crate of a symbol: of `<F as core::future::Future>::poll` that of the trait, since
/// the type has none.
fn crate_of(symbol: &str) -> &str {
    let mut crates = symbol.split(" as ").filter_map(|part| {
        let (first, _) = part.split_once("::")?;
        // What a reference and a trait object have before it.
        let first = first.rsplit(['<', '&', '*', '(', '[', ' ']).next()?;
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        (!first.is_empty() && first.chars().all(is_name)).then_some(first)
    });
    crates.next().unwrap_or_default()
}

/// Returns the name on a line that begins a frame, `  12: shop::cart::remove`; its path follows on
/// the next lines.
fn symbol(line: &str) -> Option<&str> {
    let (number, name) = line.trim_start().split_once(": ")?;
    let is_frame = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_frame.then_some(name.trim())
}

/// Returns whether a line belongs to the frame above it.
fn is_of_frame(line: &str) -> bool {
    symbol(line).is_none() && hidden(line) == 0 && !line.trim().is_empty()
}

/// Returns how many frames color-eyre has left out: `⋮ 5 frames hidden ⋮`.
fn hidden(line: &str) -> usize {
    let text = line.trim().strip_prefix('⋮');
    let text = text.and_then(|text| text.strip_suffix('⋮'));
    let count = text.and_then(|text| text.trim().split_once(' '));
    count
        .and_then(|(count, _)| count.parse::<u32>().ok())
        .map_or(0, |count| count as usize)
}

/// Returns a line without the hash that old symbols end with, `main::h0123456789abcdef`, and
/// without what color-eyre writes in place of one.
fn without_hash(line: &str) -> &str {
    let line = line.trim_end();
    let line = line.strip_suffix("<unknown>").unwrap_or(line);
    let is_hash =
        |hash: &str| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    match line.rsplit_once("::h") {
        Some((name, hash)) if is_hash(hash) => name,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MIN_SAVING, crate_of, hidden, is_title, own_frames, without_other_frames};

    const TRACE: &str = "   0: logout::handle::panics::capture_panic
             at logout/src/handle/panics.rs:84:17
   1: std::panicking::panic_with_hook
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:833:13
   2: shop::cart::remove
             at src/cart.rs:41:9
   3: <shop::Cart as core::ops::Drop>::drop
             at src/cart.rs:60:5
   4: core::ops::function::FnOnce::call_once
             at /home/ada/.rustup/toolchains/stable/lib/rustlib/src/rust/library/core/src/ops/function.rs:250:5
   5: main
   6: __libc_start_main";

    #[test]
    fn the_programs_own_frames_are_kept_with_their_places() {
        assert_eq!(
            own_frames(TRACE).unwrap(),
            "   2: shop::cart::remove\n      at src/cart.rs:41:9\n   3: <shop::Cart as core::ops::Drop>::drop\n      at src/cart.rs:60:5\n… and 5 other frames"
        );
        let windows = TRACE
            .replace("src/cart.rs", r"src\cart.rs")
            .replace('/', "\\");
        assert!(
            own_frames(&windows)
                .unwrap()
                .ends_with("… and 5 other frames")
        );
    }

    #[test]
    fn a_dependency_is_known_by_its_path_and_not_by_its_name() {
        let trace = "   0: stripe::charge
             at /home/ada/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/stripe-1.0/src/lib.rs:4:5
   1: tokio::mine
             at ./src/tokio.rs:1:1
   2: acme::pay
             at C:\\cargo\\git\\checkouts\\acme-12\\ab\\src\\lib.rs:1:1";
        assert_eq!(
            own_frames(trace).unwrap(),
            "   1: tokio::mine\n      at src/tokio.rs:1:1\n… and 2 other frames"
        );
    }

    #[test]
    fn an_inlined_function_of_the_program_has_a_name_without_its_module() {
        let trace = "  10: unwrap<(), eyre::Report>
             at /home/ada/.rustup/toolchains/stable/lib/rustlib/src/rust/library/core/src/result.rs:1233:23
  11: {closure#0}
             at ./src/pay.rs:259:59
  12: start_thread
             at ./nptl/pthread_create.c:442:8";
        assert_eq!(
            own_frames(trace).unwrap(),
            "  11: {closure#0}\n      at src/pay.rs:259:59\n… and 2 other frames"
        );
    }

    #[test]
    fn without_paths_runtimes_are_known_by_their_names() {
        let trace = "   0: tokio::runtime::task::core::Core<T,S>::poll
   1: <F as core::future::future::Future>::poll
   2: shop::serve::{{closure}}::h0123456789abcdef
   3: <alloc::boxed::Box<F,A> as core::ops::function::FnOnce<Args>>::call_once
   4: clone3";
        assert_eq!(
            own_frames(trace).unwrap(),
            "   2: shop::serve::{{closure}}\n… and 4 other frames"
        );
        for (symbol, name) in [
            ("<&mut dyn core::fmt::Debug as shop::Show>::show", "core"),
            ("<shop::Cart as core::ops::Drop>::drop", "shop"),
            ("<T as shop::Show>::show", "shop"),
            ("main", ""),
        ] {
            assert_eq!(crate_of(symbol), name, "{symbol}");
        }
    }

    #[test]
    fn frames_that_color_eyre_has_hidden_are_counted() {
        let trace = "            ⋮ 7 frames hidden ⋮            
   8: shop::pay::h0123456789abcdef
      at src/pay.rs:12
   9: shop::main::h0123456789abcdef
      at src/main.rs:4
            ⋮ 1 frame hidden ⋮";
        assert_eq!(
            own_frames(trace).unwrap(),
            "   8: shop::pay\n      at src/pay.rs:12\n   9: shop::main\n      at src/main.rs:4\n… and 8 other frames"
        );
    }

    #[test]
    fn frames_of_others_make_room_in_a_report() {
        let report = format!("cannot pay\n\nStack backtrace:\n{TRACE}\n   7: tokio::run");
        let shortened = without_other_frames(&report).unwrap();
        // The last frame may go on.
        assert_eq!(
            shortened,
            "cannot pay\n\nStack backtrace:\n   ⋮ 5 frames hidden ⋮\n   2: shop::cart::remove\n             at src/cart.rs:41:9\n   3: <shop::Cart as core::ops::Drop>::drop\n             at src/cart.rs:60:5\n   7: tokio::run"
        );
        let longer = format!("{shortened}time::blocking::pool\n{TRACE}");
        let again = without_other_frames(&longer).unwrap();
        let (_, trace) = again.split_once("⋮ 10 frames hidden ⋮\n").unwrap();
        assert_eq!(trace.matches("shop::cart::remove").count(), 2);
        assert!(!trace.contains("tokio") && trace.ends_with("6: __libc_start_main"));
        assert!(own_frames(&again).is_some());
    }

    #[test]
    fn what_has_nothing_to_leave_out_stays_as_it_is() {
        for text in [
            "",
            "payment failed",
            TRACE,
            "x\nStack backtrace:",
            "x\nStack backtrace:\n",
            "x\nStack backtrace:\n   0: shop::pay\n             at src/pay.rs:1:1",
            "x\nStack backtrace:\n   0: std::rt",
        ] {
            assert_eq!(without_other_frames(text), None, "{text}");
        }
        assert!(
            is_title("  ━━━ BACKTRACE ━━━") && !is_title("BACKTRACE") && !is_title("━ SPANTRACE ━")
        );
    }

    proptest! {
        #[test]
        fn own_frames_stay_and_others_are_counted(
            frames in prop::collection::vec((any::<bool>(), 0_usize..3), 0..40), before in "\\PC{0,20}",
        ) {
            let frame = |(number, (is_own, places)): (usize, &(bool, usize))| {
                let (name, place) = if *is_own { ("shop", "./src/a") } else { ("tokio", "/rustc/b") };
                let place = format!("             at {place}.rs:{number}:1\n");
                format!("{number:4}: {name}::f{number}\n{}", place.repeat(*places))
            };
            let frames: Vec<_> = frames.iter().enumerate().map(|all| (all.1.0, frame(all))).collect();
            let all: String = frames.iter().map(|(_, frame)| &**frame).collect();
            let text = format!("{before}\nStack backtrace:\n{all}");
            let last = frames.len().saturating_sub(1);
            let others = frames.iter().take(last).filter(|(is_own, _)| !is_own).count();
            let kept = frames.iter().enumerate().filter(|(at, (is_own, _))| *is_own || *at == last);
            let kept: String = kept.map(|(_, (_, frame))| &**frame).collect();
            match without_other_frames(&text) {
                Some(shortened) => {
                    prop_assert!(shortened.len() < text.len());
                    let (_, trace) = shortened.split_once(" hidden ⋮\n").unwrap();
                    prop_assert_eq!(trace, kept);
                    prop_assert_eq!(shortened.lines().map(hidden).sum::<usize>(), others);
                }
                // It would not have been worth it.
                None => prop_assert!(all.len() - kept.len() <= text.len() / MIN_SAVING + 40),
            }
        }

        #[test]
        fn whatever_a_text_holds_it_gets_shorter_or_stays(
            lines in prop::collection::vec("[ ]{0,4}[0-9]{1,2}: [a-z:é]{0,9}|[ ]{3,6}at /rustc/|Stack backtrace:|━ BACKTRACE ━|⋮ [0-9]{1,12} frames hidden ⋮|\\PC{0,9}", 0..60),
        ) {
            let text = lines.join("\n");
            let shortened = without_other_frames(&text);
            prop_assert!(shortened.is_none_or(|shortened| shortened.len() < text.len()));
        }
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
