//! No page keeps anybody out, in any state, in either theme; and none is wider than its window.

use browser::{Cast, Screen, Script, Stage, Theme, WIDTHS, axe, said, sights};

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_serious_fault_or_is_wider_than_its_window() {
    let Some(driver) = browser::driver("axe").await else { return };
    let source = axe::source();
    if source.is_none() {
        said("axe: skipped, widths alone are checked: axe-core is not in target/axe; .ci/browser installs it, or AXE_CORE names it");
    }
    let stage = Stage::small().await;
    let cast = Cast::of(&stage).await;
    let browser = driver.open(Script::On).await;
    let mut visitor = sights::Visitor::new(&stage, &browser);
    let mut faults: Vec<String> = Vec::new();
    let sights = sights::all(&stage, &cast).await;
    for sight in &sights {
        visitor.visit(sight).await;
        for width in WIDTHS {
            browser.show_on(Screen { width, theme: Theme::Light }).await;
            if let Some(wide) = browser.overflow().await {
                faults.push(format!("{}: at {width} too wide: {wide}", sight.name));
            }
        }
        if let Some(source) = &source {
            // A phone's layout is another one; its colours are the same.
            for (width, theme) in [(WIDTHS[2], Theme::Light), (WIDTHS[2], Theme::Dark), (WIDTHS[0], Theme::Light)] {
                browser.show_on(Screen { width, theme }).await;
                let found = axe::faults(&browser, source).await;
                faults.extend(found.iter().map(|fault| format!("{} at {width}, {theme}: {fault}", sight.name)));
            }
        }
    }
    assert!(sights.len() > 40, "every page in every state, not {} of them", sights.len());
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    drop(driver);
    stage.stack.stop().await;
}
