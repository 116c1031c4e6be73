//! The seeds of the notices, written from the tests' corpus of hostile texts.

mod adapter;
#[allow(dead_code, reason = "a seed is only written here")]
mod notice;

/// Texts longer than this are reached by repetition.
const LONGEST: usize = 400;

fn main() -> std::io::Result<()> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/notices");
    std::fs::create_dir_all(&folder)?;
    let texts = adapter::corpus::texts();
    let short: Vec<_> = texts
        .iter()
        .filter(|text| text.len() <= LONGEST && !text.contains(notice::APART))
        .collect();
    for (at, texts) in short.chunks(18).enumerate() {
        let times = [1, 1, 3, 40][at % 4];
        let mut seed = format!("{}{}.{times}", at % 5, at * 13);
        for text in texts {
            seed.push(notice::APART);
            seed.push_str(text);
        }
        std::fs::write(folder.join(format!("{at:02}")), seed)?;
    }
    Ok(())
}
