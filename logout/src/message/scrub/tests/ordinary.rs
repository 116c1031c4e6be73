//! Two thousand ordinary lines, in which nothing is a credential.
//!
//! Some are written by hand, after what axum, hyper, sqlx, tokio, systemd, nginx, `PostgreSQL`, Kafka
//! and cargo write, and after what is close to a credential and is none: sentences with such words,
//! names with the words `count`, `type` and `method`, files and modules called `auth` and `token`.
//! The others come from forms with a seeded generator: versions (semver.org), UUIDs (RFC 9562),
//! order numbers, dates and times (RFC 3339), stamps in seconds, milliseconds, microseconds and
//! nanoseconds, snowflake ids (Discord, since 2015), hashes (git, MD5, SHA-256), paths, IPv4 and IPv6
//! (RFC 5952), MAC addresses, base64 of pictures (PNG, JPEG, GIF), telephone numbers (E.164), EAN-13
//! and IMEI with right check digits, amounts, sizes and Debug of structs.

use super::lookalikes::LOOKALIKES;

/// Written by hand.
#[rustfmt::skip]
const HAND: &[&str] = &[
    "panicked at src/token.rs:12:5: unexpected Token(\"fn\")",
    "Token(\"identifier\")",
    "ApiKey(\"missing\")",
    "usage: login <user> <password>",
    "error: the following required arguments were not provided: --password <PASSWORD>",
    "session_ttl=3600s session_store=redis",
    "password_changed_at=2026-11-28T12:04:31Z",
    "password_attempts=3",
    "password_policy=\"strong\"",
    "authorization_endpoint=https://id.acme.dev/authorize",
    "auth_provider=github",
    "auth_time=1764331471",
    "RUST_LOG=info,shop::auth=debug",
    "token=<redacted>",
    "token: \"...\"",
    "password: ********",
    "level=error auth=none err=\"timeout\"",
    "WWW-Authenticate: Bearer realm=\"https://auth.acme.dev/token\",service=\"registry\",scope=\"repository:shop:pull\"",
    "token_expires_in=3599",
    "refresh_token_expires_at=2026-12-28T12:04:31Z",
    "secret_version=7",
    "let session = Session::new(user);",
    "api_key: env!(\"API_KEY\")",
    "password = \"${DB_PASSWORD}\"",
    "password: {{ .Values.db.password }}",
    "secretKeyRef: { name: shop-db, key: password }",
    "password_file=/run/secrets/db_password",
    "cookie_domain=.acme.dev",
    "token_url=https://id.acme.dev/token",
    "signing_key_id=2024-11",
    "encryption_key_arn=arn:aws:kms:eu-central-1:123456789012:key/7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "<input type=\"password\" name=\"pw\">",
    "<label for=\"password\">Password</label>",
    "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>token expired</faultstring></soap:Fault>",
    "<token></token>",
    "https://hooks.slack.com/services answered 404",
    "https://discord.com/api/v10/gateway",
    "docker run --user app:app shop",
    "[bank](https://a.example)[bank](https://b.example)@**all**",
    "mysqld: Access denied for user 'app'@'10.0.0.7' (using password: YES)",
    "sts: AssumeRole role=shop duration=3600",
    "Key (session_id)=(null) violates",
    "password: [REDACTED]",
    "redis: WRONGPASS invalid username-password pair or user is disabled.",
    "payment failed: card declined", "connection refused (os error 111)", "listening on 0.0.0.0:8080",
    "GET /checkout 500 in 12.5ms", "GET /api/v1/orders/42?page=2&sort=asc HTTP/1.1", "user logged out",
    "unexpected token: expected `;`, found `}`", "error: token: expected identifier", "token expired at 12:30",
    "invalid token", "the token is missing", "a bearer token is required", "Bearer authentication is required",
    "bearer token expired", "Bearer scheme expected", "basic auth is off", "Basic HTTP authentication failed",
    "basic types are missing", "Basic usage: shop [options]", "password: required", "password: too short (minimum 8)",
    "password must have 12 characters", "wrong password for user ada", "password changed", "authorization: denied",
    "authorization failed for user 42", "auth: failed", "auth: 401 Unauthorized", "auth: timeout after 30s",
    "session: 42 expired", "session closed by peer", "session: opened", "session: 17 messages left",
    "cookie: missing", "cookie expired", "secret: not found", "secret not mounted", "no secrets found",
    "signature: mismatch", "signature does not match", "fn signature of `main` changed", "api key: missing",
    "the API key: not set", "private key: unreadable", "csrf: failed", "csrf check failed", "jwt: expired", "jwt: malformed",
    "otp: wrong", "otp: 3 tries left", "credentials: none", "credential helper exited with 1",
    "src/auth.rs:42:7", "src/token.rs:120", "at src/session.rs:88:13", "auth::login: refused", "shop::auth::token: gone",
    "token_count=42", "tokens_used=1532", "prompt_tokens: 17, completion_tokens: 220", "auth_method=oauth2",
    "auth_type: \"publickey\"", "token_type=bearer", "password_len=12", "secret_length: 32", "session_count=7",
    "session_name: \"nightly\"", "api_key_id=7", "token_id: 88", "auth_ms=12.5", "has_password=true", "token: None",
    "password: None", "password: \"\"", "token=null", "\"token\":null", "\"password\":\"\"", "{\"token\": false}", "pwd=/srv/shop",
    "PWD=/home/ada/shop", "OLDPWD=/", "pwd: \"/var/lib/shop\"", "pwd=C:\\shop\\bin", "pass=3 fail=1 skip=0", "pass: 2, line: 3",
    "pass_rate=0.98", "passed=12", "bypass=yes", "author=ada", "author: \"Ada\"", "authored_by=ada", "secretary=bob",
    "passage: \"north\"", "compass=12", "tokenizer=bpe", "oauth: off", "key=order", "key: \"order:42\"", "keys=12",
    "partition_key=7", "primary_key: 12", "sort_key=asc", "public_key: \"ssh-ed25519\"", "cache_key=user:42:v3",
    "duplicate key value violates unique constraint \"orders_pkey\"", "Key (id)=(42) already exists.",
    "Key (email)=(ada@example.org) already exists.", "relation \"sessions\" does not exist",
    "column \"password_hash\" does not exist", "SELECT id, name FROM users WHERE id = 7",
    "SELECT password FROM users WHERE id = $1", "UPDATE orders SET state = 'paid' WHERE id = 42",
    "INSERT INTO orders (id, total) VALUES (42, 13.37)",
    "ORDER BY 'created'", "GROUP BY 'day'", "name IN ('ada', 'bob')", "title LIKE '%lamp%'",
    "https://example.org/path?x=1#top", "http://localhost:3000", "http://localhost:3000/", "http://[::1]:8080/x",
    "ws://10.0.0.1:9000/socket", "https://example.org:8443/@ada", "https://medium.com/@ada/post", "ssh://git@github.com/acme/shop",
    "git@github.com:acme/shop.git", "mailto:ada@example.org", "ada@example.org: mailbox full", "<ada@example.org>",
    "amqp://mq:5672/vhost", "redis://127.0.0.1:6379/0", "s3://bucket/key/with:colon", "postgres://db.acme.dev:5432/shop",
    "file:///etc/shop/shop.toml", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "http://{host}:{port}/{path}",
    "data:text/plain;base64,SGVsbG8sIFdvcmxkIQ==", "eyJpZCI6NDJ9", "cursor=eyJpZCI6NDJ9", "next: eyJwYWdlIjoyfQ==", "eyJ.json",
    "AKIA", "AKIRA-1988", "ASIAN markets closed", "SGML parser", "ghp_ is a prefix", "sk-learn 1.5.0", "skeleton-key", "npm_config_cache",
    "-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "----- begin -----", "--verbose --release", "--token is required",
    "--password must be given", "cargo build --release --locked", "rsync -avz --delete src dst",
    "thread 'main' panicked at src/main.rs:4:5", "called `Option::unwrap()` on a `None` value", "index out of bounds: the len is 3 but the index is 7",
    "Order { id: 42, total: 13.37, items: [Item { sku: \"A-1\", count: 2 }] }", "Point { x: 1.5, y: -2.0 }", "Some(Error { kind: NotFound })",
    "Ok(Response { status: 200, version: HTTP/1.1, headers: {\"content-type\": \"text/html\"}, body: Body })",
    "Url { scheme: \"https\", cannot_be_a_base: false, username: \"\", password: None, host: Some(Domain(\"acme.dev\")) }",
    "Kafka: partition 3 offset 123456789012", "lag=12345 topic=orders", "pid=4242 tid=140735", "uid=1000 gid=1000", "exit status: 101",
    "took 1.234567s", "rss=12345678 vsz=98765432", "load 0.52 0.58 0.59", "temp: 41.5°C", "50% of 16 GiB", "3/4 done", "1,243 errors in 34 s",
    "retry 3 of 5 in 250ms", "deadline has elapsed", "broken pipe", "no such file or directory: /etc/shop.toml", "permission denied: /srv/secret.txt",
    "cannot open /run/secrets/db_password", "cannot read /var/run/secrets/kubernetes.io/serviceaccount/token", "reading token.json", "secrets.yaml: not found",
    "systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE", "nginx: 127.0.0.1 - - [28/Nov/2026:12:04:31 +0000] \"GET / HTTP/1.1\" 200 612",
    "level=warn msg=\"slow query\" took=2.5s", "a=b=c", "x==y", "x != y", "1 <= 2", "if a := b", "f => g", "key => value", "k=v; k2=v2, k3=v3", "::1", "a::b::c<d>",
    "Größe: 12", "订单: 42", "ключ: значение", "🔥 payment failed", "100 € – 5 %", "it's a user's 'quoted' word", "\"\"", "''", "()", "=", ":", "--", "", " ",
    "#[derive(Debug)]", "std::io::Error: refused", "&'static str", "Vec<(String, u8)>", "(1, \"one\")", "(\"x\", 1)", "(\"content-type\", \"text/html\")", "[\"token\", \"expected\"]",
    "4096 2048 1024 512", "10 20 30 40 50", "1234 5678", "phone 030 901820", "ISBN 978-3-16-148410-0", "IBAN DE89 3704 0044 0532 0130 00", "DE89370400440532013000",
    "version 4.11.1111", "rev 4111111", "#4111", "PR #42 by ada", "issue 1178", "v1.2.3-rc.1+build.5", "rustc 1.95.0 (59807616e 2026-04-14)", "linux 6.12.9-200.fc41.x86_64",
];

/// Marsaglia's xorshift64: the same lines in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from)
    }

    fn of<'t>(&mut self, signs: &'t [&'t str]) -> &'t str {
        signs[self.below(signs.len() as u64) as usize]
    }

    fn signs(&mut self, signs: &str, length: usize) -> String {
        let signs = signs.as_bytes();
        let sign = |_| char::from(signs[self.below(signs.len() as u64) as usize]);
        (0..length).map(sign).collect()
    }

    fn hex(&mut self, length: usize) -> String {
        self.signs("0123456789abcdef", length)
    }

    fn digits(&mut self, length: usize) -> String {
        self.signs("0123456789", length)
    }
}

/// Returns the digits with the check digit of Luhn, as IMEI have it.
fn with_luhn(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| match u32::from(digit - b'0') {
            digit if place % 2 == 1 => digit,
            digit if digit > 4 => digit * 2 - 9,
            digit => digit * 2,
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// Returns the digits with the check digit of EAN.
fn with_ean(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

const WORDS: &[&str] = &[
    "order", "invoice", "customer", "job", "task", "shard", "worker", "request", "batch", "cart",
    "user", "tenant",
];

/// How many forms there are.
const FORMS: u64 = 34;

fn line(random: &mut Random, form: u64) -> String {
    let word = random.of(WORDS).to_owned();
    let number = random.below(1_000_000);
    match form {
        0 => format!(
            "{word} v{}.{}.{} started",
            random.below(30),
            random.below(99),
            random.below(999)
        ),
        1 => format!(
            "upgraded from {}.{}.{}-rc.{} to {}.0.0+{}",
            random.below(9),
            random.below(30),
            random.below(30),
            random.below(9),
            random.below(9),
            random.hex(7)
        ),
        2 => format!(
            "{word} {}-{}-4{}-a{}-{} failed",
            random.hex(8),
            random.hex(4),
            random.hex(3),
            random.hex(3),
            random.hex(12)
        ),
        3 => format!(
            "{word}={}-{}-7{}-9{}-{}",
            random.hex(8),
            random.hex(4),
            random.hex(3),
            random.hex(3),
            random.hex(12)
        ),
        4 => format!("{word} {} not found", random.digits(8)),
        5 => format!(
            "{word}_no: {}-{}-{}",
            random.digits(4),
            random.digits(6),
            random.digits(3)
        ),
        6 => format!(
            "{word} ORD-{}-{} is late",
            random.within(2015, 2030),
            random.digits(7)
        ),
        7 => format!(
            "at 20{}-{:02}-{:02}T{:02}:{:02}:{:02}.{}Z",
            random.within(10, 40),
            random.within(1, 13),
            random.within(1, 29),
            random.below(24),
            random.below(60),
            random.below(60),
            random.digits(6)
        ),
        8 => format!(
            "{word} took {:02}:{:02}:{:02}.{}",
            random.below(24),
            random.below(60),
            random.below(60),
            random.digits(3)
        ),
        9 => format!("ts={} {word}", random.within(1_400_000_000, 1_999_999_999)),
        10 => format!(
            "ts={} {word} done",
            random.within(1_400_000_000_000, 1_999_999_999_999)
        ),
        11 => format!(
            "{word} at {}",
            random.within(1_400_000_000_000_000, 1_999_999_999_999_999)
        ),
        12 => format!(
            "nanos: {}",
            random.within(1_400_000_000_000_000_000, 1_999_999_999_999_999_999)
        ),
        13 => format!(
            "guild {} {word}",
            random.within(41_771_983_423_143_937, 1_300_000_000_000_000_000)
        ),
        14 => format!(
            "message_id={}",
            random.within(200_000_000_000_000_000, 1_900_000_000_000_000_000)
        ),
        15 => format!("commit {} by ada", random.hex(40)),
        16 => format!("sha256:{} {word}", random.hex(64)),
        17 => format!("md5={} {word}.bin", random.hex(32)),
        18 => format!(
            "/srv/{word}/{}/{}.log: not found",
            random.hex(2),
            random.hex(12)
        ),
        19 => format!("C:\\{word}\\build-{number}\\out.dll"),
        20 => format!(
            "peer {}.{}.{}.{}:{} closed",
            random.below(256),
            random.below(256),
            random.below(256),
            random.below(256),
            random.within(1_024, 65_535)
        ),
        21 => format!(
            "peer [2001:db8:{}:{}::{}]:{} closed",
            random.hex(4),
            random.hex(3),
            random.hex(4),
            random.within(1_024, 65_535)
        ),
        22 => format!(
            "addr=fe80::{}:{}ff:fe{}:{}",
            random.hex(4),
            random.hex(2),
            random.hex(2),
            random.hex(4)
        ),
        23 => format!(
            "mac {}:{}:{}:{}:{}:{}",
            random.hex(2),
            random.hex(2),
            random.hex(2),
            random.hex(2),
            random.hex(2),
            random.hex(2)
        ),
        24 => {
            let begins = random
                .of(&[
                    "iVBORw0KGgoAAAANSUhEUgAA",
                    "/9j/4AAQSkZJRgABAQEA",
                    "R0lGODlhAQABAIAAAAAA",
                ])
                .to_owned();
            let kind = random.of(&["png", "jpeg", "gif"]).to_owned();
            let signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            format!(
                "data:image/{kind};base64,{begins}{}==",
                random.signs(signs, 120)
            )
        }
        25 => format!(
            "call +{}{}",
            random
                .of(&["1", "44", "49", "33", "81", "86", "55", "91"])
                .to_owned(),
            random.digits(10)
        ),
        26 => format!(
            "call {}{} from {word}",
            random
                .of(&[
                    "4915", "4479", "3361", "5511", "3933", "9198", "6281", "5255", "6591"
                ])
                .to_owned(),
            random.digits(8)
        ),
        27 => {
            let digits = random.digits(9);
            format!(
                "EAN {} {word}",
                with_ean(&format!("4{}{digits}", random.digits(2)))
            )
        }
        28 => format!(
            "IMEI {} {word}",
            with_luhn(&format!("35{}", random.digits(12)))
        ),
        29 => format!(
            "{word} {} {}.{} EUR",
            number,
            random.below(100_000),
            random.digits(2)
        ),
        30 => format!(
            "{word}: {} of {} bytes",
            random.below(1 << 40),
            random.below(1 << 50)
        ),
        31 => format!(
            "Order {{ id: {number}, {word}: \"{}\", at: {}, tags: [\"{}\", \"b\"], total: {}.{} }}",
            random.hex(10),
            random.within(1_400_000_000_000, 1_999_999_999_999),
            random.hex(4),
            random.below(999),
            random.digits(2)
        ),
        32 => format!(
            "{{\"{word}\":{number},\"trace_id\":\"{}\",\"span_id\":\"{}\",\"ok\":false}}",
            random.hex(32),
            random.hex(16)
        ),
        _ => format!(
            "GET /v{}/{word}s/{number}?page={}&etag=%22{}%22 {} in {}.{}ms",
            random.below(4),
            random.below(90),
            random.hex(8),
            random.within(200, 600),
            random.below(900),
            random.digits(2)
        ),
    }
}

/// Returns all lines, each once.
pub(super) fn lines() -> Vec<String> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let generated = (0..56 * FORMS).map(|number| line(&mut random, number % FORMS));
    let hand = HAND.iter().chain(LOOKALIKES).map(|line| (*line).to_owned());
    let mut lines: Vec<String> = hand.chain(generated).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}
