//! Pictures of every page, in every state, at every width, light and dark: `target/screenshots/{page}-{width}-{theme}.png`.
//!
//! `cargo run --bin screenshots` takes all of them; with words after `--`, of the pages only that have one in their name.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a tool for developers, told in words")]

use browser::{
    Browser, Cast, Driver, Screen, Script, Stage, Theme, WIDTHS,
    sights::{self, Sight, Visitor},
};
use std::path::Path;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let driver = match Driver::start().await {
        Ok(driver) => driver,
        Err(missing) => panic!("no screenshots: {missing}"),
    };
    let to = local::binaries::workspace().canonicalize().expect("the workspace").join("target/screenshots");
    if words.is_empty() && to.exists() {
        // Else pictures of pages that are gone would stay among them.
        std::fs::remove_dir_all(&to).expect("the old pictures");
    }
    std::fs::create_dir_all(&to).expect("a directory");
    let stage = Stage::rich().await;
    let browser = driver.open(Script::On).await;
    let mut visitor = Visitor::new(&stage, &browser);
    let wanted = |sight: &Sight| words.is_empty() || words.iter().any(|word| sight.name.contains(word.as_str()));
    let mut wide = 0;
    // Before the cast moves the clock: the sample people's charts then end today.
    for sight in sights::without_cast(&stage).await.iter().filter(|sight| wanted(sight)) {
        wide += take(&browser, &mut visitor, sight, &to).await;
    }
    let cast = Cast::of(&stage).await;
    for sight in sights::with_cast(&cast).iter().filter(|sight| wanted(sight)) {
        wide += take(&browser, &mut visitor, sight, &to).await;
    }
    println!("the pictures are in {}; in {wide} something is too wide", to.display());
    drop(driver);
    stage.stack.stop().await;
}

/// One page at every width, light and dark; at how many widths something is too wide.
async fn take(browser: &Browser, visitor: &mut Visitor<'_>, sight: &Sight, to: &Path) -> u32 {
    let mut wide = 0;
    for width in WIDTHS {
        // Loaded anew at each width, as a device of that width would.
        browser.show_on(Screen { width, theme: Theme::Light }).await;
        visitor.visit(sight).await;
        for theme in Theme::ALL {
            browser.show_on(Screen { width, theme }).await;
            let path = to.join(format!("{}-{width}-{theme}.png", sight.name));
            std::fs::write(&path, browser.picture().await).expect("a file");
        }
        if let Some(what) = browser.overflow().await {
            wide += 1;
            println!("{} at {width}: too wide: {what}", sight.name);
        }
    }
    println!("{}: {}", sight.name, browser.title().await);
    wide
}
