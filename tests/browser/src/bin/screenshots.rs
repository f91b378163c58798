//! Pictures of every page, in every state, at every width, light and dark: `target/screenshots/{page}-{width}-{theme}.png`.
//!
//! `cargo run -p browser --bin screenshots` takes all of them; with words behind it, of the pages only that have one in their name.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a tool for developers, told in words")]

use browser::{Cast, Driver, Screen, Script, Stage, sights};
use std::path::PathBuf;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let driver = match Driver::start().await {
        Ok(driver) => driver,
        Err(missing) => panic!("no screenshots: {missing}"),
    };
    #[allow(clippy::disallowed_methods)]
    let stage = if std::env::var("TMP_SMALL").is_ok() { Stage::small().await } else { Stage::rich().await };
    let cast = Cast::of(&stage).await;
    let to = local::binaries::workspace().join("target/screenshots");
    std::fs::create_dir_all(&to).expect("a directory");
    let browser = driver.open(Script::On).await;
    let mut visitor = sights::Visitor::new(&stage, &browser);
    let mut faults = 0;
    for sight in sights::all(&stage, &cast).await {
        if !words.is_empty() && !words.iter().any(|word| sight.name.contains(word.as_str())) {
            continue;
        }
        visitor.visit(&sight).await;
        for screen in Screen::all() {
            browser.show_on(screen).await;
            let path: PathBuf = to.join(format!("{}-{}-{}.png", sight.name, screen.width, screen.theme));
            std::fs::write(&path, browser.picture().await).expect("a file");
            let over = browser.overflow().await;
            if over > 0 {
                faults += 1;
                println!("{}: {over} pixels wider than the window", path.display());
            }
        }
        println!("{}: {}", sight.name, browser.title().await);
    }
    println!("the pictures are in {}; {faults} are wider than their window", to.display());
    drop(driver);
    stage.stack.stop().await;
}
