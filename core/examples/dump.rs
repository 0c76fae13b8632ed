//! Temporary.
use std::io::Write;
fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap();
        let range = std::env::var("RANGE").ok().map(|t| {
            if t == "file" {
                augment_core::reading::LevelRange::File
            } else {
                let (a, b) = t.split_once(',').unwrap();
                augment_core::reading::LevelRange::between(a.parse().unwrap(), b.parse().unwrap()).unwrap()
            }
        });
        let reading = augment_core::reading::Reading { range, keep_truncated: std::env::var("KEEP").is_ok() };
        let began = std::time::Instant::now();
        match augment_core::codec::decode_as(&bytes, &Default::default(), &reading) {
            Err(e) => println!("{path}\tERR\t{:?}", e),
            Ok(d) => {
                let out = format!("/tmp/dump/{}.raw", path.replace('/', "_"));
                std::fs::File::create(&out).unwrap().write_all(d.image.samples()).unwrap();
                println!(
                    "{path}\tOK\t{}\t{}\t{:?}\t{:?}\t{:.1} ms\t{:?}",
                    d.image.size().width,
                    d.image.size().height,
                    d.image.channels(),
                    d.header.subsampling,
                    began.elapsed().as_secs_f64() * 1e3,
                    d.warnings
                );
            }
        }
    }
}
