//! Round trips of stored events. Any bytes are read to an end, and from a log of any bytes nothing is told
//! that was not in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logout::__private::fuzzing;

/// Is in every text that is stored, and must not come out.
const SECRET: &str = "hunter2/s3cret+key";

fuzz_target!(|data: &[u8]| {
    let spans_at = data.first().copied().unwrap_or_default().into();
    let stored = fuzzing::carry(data, spans_at, SECRET);
    let secret = SECRET.as_bytes();
    assert!(!stored.windows(secret.len()).any(|window| window == secret));
    let (told, again) = fuzzing::carried(&stored, SECRET).expect("what is written is read");
    assert_eq!(told, fuzzing::compose(data, spans_at, SECRET));
    assert_eq!(again, stored);
    // What nobody wrote.
    let _told = fuzzing::carried(data, SECRET);
    let (groups, written) = fuzzing::log(data);
    assert_eq!(groups, written);
});
