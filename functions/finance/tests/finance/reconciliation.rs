use crate::support::{Ask, World};
use ledger::Rail;
use serde_json::json;
use store::records::reconciliation::{Finding, FindingKind, Reconciliation};

#[tokio::test]
async fn the_newest_is_shown_or_that_of_a_day() {
    let world = World::new();
    let ask = |query| world.send("fin1", Ask { query, ..Ask::get("/finance/reconciliation") });
    assert_eq!(ask("").await.0, 404, "there was none yet");
    let finding = Finding {
        kind: FindingKind::Missing,
        rail: Rail::Wise,
        payout_id: Some("pay_00000000000000000000000000".parse().unwrap()),
        reference: None,
        detail: "Wise has no transfer of it.".into(),
    };
    let stray = Finding { kind: FindingKind::UnknownToUs, payout_id: None, reference: Some("77".into()), ..finding.clone() };
    for (day, findings) in [("2026-03-08", vec![finding, stray]), ("2026-03-09", vec![])] {
        let day = day.parse().unwrap();
        let kept = Reconciliation::new(day, "2026-03-10T03:00:00Z".parse().unwrap(), (12, 11), findings);
        world.store.put_reconciliation(&kept).await.unwrap();
    }
    let newest =
        json!({ "day": "2026-03-09", "ran_at": "2026-03-10T03:00:00.000Z", "checked": { "ours": 12, "theirs": 11 }, "findings": [] });
    assert_eq!(ask("").await, (200, newest.clone()));
    assert_eq!(ask("day=2026-03-09").await, (200, newest));
    let (status, older) = ask("day=2026-03-08").await;
    let findings = json!([
        { "kind": "missing", "rail": "wise", "payout_id": "pay_00000000000000000000000000", "detail": "Wise has no transfer of it." },
        { "kind": "unknown_to_us", "rail": "wise", "reference": "77", "detail": "Wise has no transfer of it." },
    ]);
    assert_eq!((status, &older["findings"]), (200, &findings));
    assert_eq!(ask("day=2026-03-07").await.0, 404);
    for bad in ["day=yesterday", "day=2026-3-8", "day=2026-02-30", "day=%202026-03-08", "day=2026-03-08&day=2026-03-09"] {
        assert_eq!(ask(bad).await.0, 400, "{bad}");
    }
}
