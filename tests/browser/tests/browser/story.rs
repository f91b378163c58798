//! A customer's way from the sign-in to the money, and what others see of it.

use browser::{Script, Stage, until};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

/// A changed payout account can be paid to after this.
const COOL_DOWN: Duration = Duration::from_secs(73 * 3_600);

/// An amount of the API as the pages show it: two decimals, rounded down, commas between thousands.
fn shown(amount: &serde_json::Value) -> String {
    let text = amount.as_str().expect("an amount");
    let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
    let mut digits: Vec<char> = whole.chars().rev().collect();
    for place in (3..digits.len()).step_by(3).collect::<Vec<_>>().into_iter().rev() {
        digits.insert(place, ',');
    }
    format!("${}.{:.2}", digits.into_iter().rev().collect::<String>(), format!("{cents}00"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_reads_copies_and_asks_for_money_and_finance_pays_it() {
    let Some(driver) = browser::driver("the story").await else { return };
    let downloads = tempfile::tempdir().unwrap();
    let stage = Stage::small().await;
    let person = driver.open_into(Script::On, Some(downloads.path())).await;
    person.sign_in(stage.site(), "hana", "/").await;

    figures_are_those_of_the_api(&stage, &person).await;
    the_range_changes(&person).await;
    the_link_is_copied(&stage, &person).await;
    let payout = a_payout_is_asked_for(&stage, &person).await;

    let stranger = driver.open(Script::On).await;
    stranger.sign_in(stage.site(), "bob", "/").await;
    nobody_else_sees_it(&stage, &stranger, &payout).await;
    clicks_are_counted(&stage, &driver.open(Script::On).await).await;

    let desk = driver.open(Script::On).await;
    desk.sign_in(stage.site(), "fin1", "/finance").await;
    finance_approves_and_runs_it(&stage, &desk, &payout).await;
    it_is_seen_paid(&stage, &desk, &person, &payout).await;
    let invoice = invoice_is_downloaded(&person, downloads.path()).await;
    assert!(invoice.starts_with(b"%PDF-"), "{:?}", invoice.get(..20));
    let path = format!("/payouts/{payout}/invoice.pdf");
    stage.send("bob", Method::GET, &path, &json!(null), 404).await;
    stranger.go(&stage.at(&path)).await;
    assert!(!stranger.words().await.contains("50.00"));
    drop(driver);
    stage.stack.stop().await;
}

async fn figures_are_those_of_the_api(stage: &Stage, person: &browser::Browser) {
    let earnings = stage.get("hana", "/earnings").await;
    let figures = person.run("return [...document.querySelectorAll('.figure')].map((f) => [f.querySelector('.name').innerText, f.querySelector('.value').innerText])", &json!([])).await;
    let figure = |name: &str| {
        let found = figures.as_array().unwrap().iter().find(|pair| pair[0] == name);
        found.unwrap_or_else(|| panic!("no {name} in {figures}"))[1].as_str().unwrap().to_owned()
    };
    assert_eq!(figure("Current balance"), shown(&earnings["current_balance"]));
    assert_eq!(figure("Cashable now"), shown(&earnings["cashable"]));
    assert_eq!(figure("Total earnings"), shown(&earnings["total_earnings"]));
    assert_eq!(figure("Rental earnings"), shown(&earnings["total_rental_earnings"]));
    assert_eq!(figure("Referral earnings"), shown(&earnings["total_referral_earnings"]));
    assert_eq!(figure("Referrals"), earnings["referral_count"].to_string());
    assert_ne!(figure("Current balance"), "$0.00", "there is something to compare");
}

/// How many bars the chart has, by the table behind it.
async fn bars(person: &browser::Browser) -> u64 {
    person.count(".figure-chart .b").await
}

async fn the_range_changes(person: &browser::Browser) {
    assert_eq!(bars(person).await, 30);
    person.press("7 days").await;
    person.arrive("range=7d").await;
    assert_eq!(bars(person).await, 7);
    person.press("Other days").await;
    person
        .run("document.getElementById('from').value = '2026-01-01'; document.getElementById('to').value = '2026-01-14'", &json!([]))
        .await;
    person.press("Show").await;
    person.arrive("from=2026-01-01&to=2026-01-14").await;
    assert_eq!(bars(person).await, 14);
}

async fn the_link_is_copied(stage: &Stage, person: &browser::Browser) {
    person.allow_clipboard(stage.site()).await;
    let link = person.property("#link", "value").await;
    let known = stage.get("hana", "/links").await;
    assert!(known.to_string().contains(&link), "{link} is none of {known}");
    person.click("[data-copy]").await;
    person.hears("Copied").await;
    assert_eq!(person.clipboard().await, link);
}

async fn a_payout_is_asked_for(stage: &Stage, person: &browser::Browser) -> String {
    person.go(&stage.at("/my/account")).await;
    person.fill("#destination-paypal", "hana@example.com").await;
    person.click("form:has(#destination-paypal) [name=default]").await;
    person.click("form:has(#destination-paypal) button").await;
    person.hears("Your payout account is saved").await;
    stage.advance(COOL_DOWN).await;
    // The session has ended by then; a person signs in again.
    person.sign_in(stage.site(), "hana", "/").await;
    person.press("Request payout").await;
    person.fill("#amount", "50").await;
    person.press("Work it out").await;
    person.hears("Still cashable after it").await;
    let before = stage.get("hana", "/earnings").await;
    person.press("Request $50.00").await;
    person.hears("Your payout is requested").await;
    person.hears("Waiting for approval").await;
    let url = person.url().await;
    let payout = url.split(['/', '?']).find(|part| part.starts_with("pay_")).expect("a payout's id").to_owned();
    let known = stage.get("hana", &format!("/payouts/{payout}")).await;
    assert_eq!((known["status"].as_str(), known["amount"].as_str()), (Some("requested"), Some("50.00")));
    let after = stage.get("hana", "/earnings").await;
    assert_ne!(before["cashable"], after["cashable"], "the amount is set aside");
    payout
}

async fn nobody_else_sees_it(stage: &Stage, stranger: &browser::Browser, payout: &str) {
    stranger.go(&stage.at(&format!("/my/payouts/{payout}"))).await;
    stranger.hears("Nothing here").await;
    assert!(!stranger.words().await.contains("50.00"));
    until("bob's payouts", async || {
        stranger.go(&stage.at("/my/payouts")).await;
        stranger.words().await.contains("No payouts in these days").then_some(())
    })
    .await;
    for console in ["/finance".to_owned(), format!("/desk/payouts/{payout}"), "/desk/runs".to_owned()] {
        stranger.go(&stage.at(&console)).await;
        stranger.hears("This is not for your account").await;
        assert!(!stranger.words().await.contains("hana"), "{console}");
    }
}

/// The roll-up counts a minute once it has been over for two, by the stack's clock, which has gone on by days.
async fn clicks_are_counted(stage: &Stage, sharer: &browser::Browser) {
    stage.stack.run_schedule("rollup").await.expect("the roll-up");
    let earnings = stage.get("alice", "/earnings").await;
    let clicks: Vec<u64> = earnings["templates"].as_array().unwrap().iter().filter_map(|link| link["clicks"].as_u64()).collect();
    assert_eq!(clicks.iter().sum::<u64>(), 2, "bob's and hana's: {}", earnings["templates"]);
    sharer.sign_in(stage.site(), "alice", "/").await;
    let shown = sharer
        .run("return [...document.querySelectorAll('.a-tpl tbody td:nth-child(2)')].map((cell) => Number(cell.innerText))", &json!([]))
        .await;
    assert_eq!(shown, json!(clicks));
}

async fn finance_approves_and_runs_it(stage: &Stage, desk: &browser::Browser, payout: &str) {
    desk.click(&format!("a[href='/desk/payouts/{payout}']")).await;
    desk.hears("$50.00").await;
    desk.press("Approve $50.00").await;
    desk.hears("The payout is approved").await;
    assert_eq!(stage.get("hana", &format!("/payouts/{payout}")).await["status"], "approved");
    desk.press("Choose for a run").await;
    desk.hears("A dry run sends nothing").await;
    desk.press("Dry run of the chosen ones").await;
    desk.hears("This is the bill").await;
    desk.press("Order: $50.00 to 1 payout").await;
    desk.hears("The run is ordered").await;
    desk.arrive("/desk/runs/run_").await;
}

/// The rail takes its time; the run's page tells, then the customer's.
async fn it_is_seen_paid(stage: &Stage, desk: &browser::Browser, person: &browser::Browser, payout: &str) {
    until("the rail has paid", async || {
        stage.advance(Duration::from_secs(30)).await;
        stage.stack.run_schedule("payout-worker").await.expect("the sweep");
        (stage.get("hana", &format!("/payouts/{payout}")).await["status"] == "paid").then_some(())
    })
    .await;
    desk.reload().await;
    desk.hears("Delivered").await;
    person.go(&stage.at(&format!("/my/payouts/{payout}"))).await;
    person.hears("It has arrived. Your invoice is ready.").await;
    person.hears("INV-").await;
}

/// Follows the link to the invoice, and waits for the file.
async fn invoice_is_downloaded(person: &browser::Browser, to: &std::path::Path) -> Vec<u8> {
    person.click("a[href$='invoice.pdf']").await;
    until("a file of the invoice", async || {
        let files = std::fs::read_dir(to).unwrap().filter_map(Result::ok).map(|entry| entry.path());
        files.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "pdf")).map(|path| std::fs::read(path).unwrap())
    })
    .await
}
