use logout::adapter::{Request, Url};
use logout::transport::{Transport, Wire};
fn main() {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap();
    let mut wire = Wire::new().without_proxy();
    if let Some(pem) = args.next() {
        wire = wire.with_root_pem(&std::fs::read(pem).unwrap()).unwrap();
    }
    let mut request = Request::new();
    request.post(&Url::parse(&url).unwrap()).json(&"hello");
    println!("{:?}", smol::block_on(wire.send(&request)));
}
