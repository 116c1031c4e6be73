//! The example for small devices, built small and static, delivers.
//!
//! `.ci/embedded` builds it, names the binary in `LOGOUT_EMBEDDED` and, for another machine's, the
//! emulator in `LOGOUT_EMBEDDED_RUNNER`; without them there is nothing to run.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Command;
use std::thread;

use logout::sandbox::{Platform, Sandbox};

/// A gateway as the example expects it: each connection carries one request in the form that
/// proxies take.
fn serve(socket: &UnixListener) {
    for line in socket.incoming() {
        relay(line.unwrap()).unwrap();
    }
}

fn relay(mut line: UnixStream) -> io::Result<()> {
    let mut reader = BufReader::new(line.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let field = |name: &str| {
        let value = head.lines().find_map(|line| line.strip_prefix(name));
        value.unwrap_or_default().trim().to_owned()
    };
    let mut body = vec![0; field("content-length:").parse().unwrap_or_default()];
    reader.read_exact(&mut body)?;
    let mut server = TcpStream::connect(field("host:"))?;
    server.write_all(head.as_bytes())?;
    server.write_all(&body)?;
    io::copy(&mut server, &mut line)?;
    Ok(())
}

#[test]
fn the_device_tells_of_its_pump() {
    let Ok(binary) = std::env::var("LOGOUT_EMBEDDED") else {
        eprintln!("skipped: LOGOUT_EMBEDDED names no binary; .ci/embedded builds and runs it");
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment_for(Platform::Telegram);
    let text = |key: &str| figment.extract_inner::<String>(key).unwrap();
    let socket = std::env::temp_dir().join(format!("gateway-{}.sock", std::process::id()));
    let listener = UnixListener::bind(&socket).unwrap();
    thread::spawn(move || serve(&listener));

    let mut program = match std::env::var("LOGOUT_EMBEDDED_RUNNER") {
        Ok(runner) => {
            let mut program = Command::new(runner);
            program.arg(binary);
            program
        }
        Err(_) => Command::new(binary),
    };
    let chat: i64 = figment.extract_inner("telegram.chat_id").unwrap();
    let status = program
        .env("TELEGRAM_BOT_TOKEN", text("telegram.bot_token"))
        .env("TELEGRAM_CHAT_ID", chat.to_string())
        .env("LOGOUT_TELEGRAM__URL", text("telegram.url"))
        .env("GATEWAY_SOCKET", &socket)
        .status()
        .unwrap();
    std::fs::remove_file(&socket).unwrap();
    assert!(status.success(), "{status}");
    let told: Vec<_> = sandbox.inbox().iter().map(ToString::to_string).collect();
    let told = told.join("\n");
    assert!(told.contains("the pump has lost its pressure"), "{told}");
    assert!(told.contains("the pressure is falling"), "{told}");
    assert!(told.contains("Pump Station 7"), "{told}");
}
