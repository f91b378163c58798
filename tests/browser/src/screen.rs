//! How large the screen is, in which colours, and what is seen on it.

use crate::browser::Browser;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::fmt;

/// A phone, a tablet, a desk: CSS pixels.
pub const WIDTHS: [u32; 3] = [390, 834, 1440];
/// How much of a page is seen at once.
const HEIGHT: u32 = 900;

/// What the system asks pages for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];
}

impl fmt::Display for Theme {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Light => "light",
            Self::Dark => "dark",
        })
    }
}

/// A width and colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    pub width: u32,
    pub theme: Theme,
}

impl Browser {
    /// Makes the window so wide, and asks for these colours.
    pub async fn show_on(&self, screen: Screen) {
        let size = json!({ "width": screen.width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": false });
        self.wire.devtools("Emulation.setDeviceMetricsOverride", size).await;
        // Without motion: a picture in the midst of a change of colours is of neither.
        let wishes = [("prefers-color-scheme", screen.theme.to_string()), ("prefers-reduced-motion", "reduce".to_owned())];
        let features: Vec<Value> = wishes.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.wire.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// What is wider than its place, and by how much: the page than the window, or what a box holds than the box. Something is cut then, or
    /// can be seen by scrolling sideways alone. A text box may hold more than it shows, and so may what ends in an ellipsis.
    pub async fn overflow(&self) -> Option<String> {
        let script = "
            const over = box => box.scrollWidth - box.clientWidth;
            const shown = box => box.checkVisibility() && !box.matches('input, textarea, select, svg *');
            const clips = style => style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis' && style.clipPath === 'none';
            const boxes = [...document.body.querySelectorAll('*')].filter(box => shown(box) && clips(getComputedStyle(box)));
            const wide = [document.documentElement, ...boxes].find(box => over(box) > 0);
            return wide ? `${wide.tagName} ${wide.className} by ${over(wide)} pixels` : null;";
        self.run(script, &json!([])).await.as_str().map(str::to_owned)
    }

    /// A picture of the whole page, PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let sizes = self.wire.devtools("Page.getLayoutMetrics", json!({})).await;
        let size = &sizes["cssContentSize"];
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let shot = json!({ "format": "png", "clip": clip, "captureBeyondViewport": true, "optimizeForSpeed": false });
        let taken = self.wire.devtools("Page.captureScreenshot", shot).await;
        BASE64_STANDARD.decode(taken["data"].as_str().expect("a picture")).expect("base64")
    }

    /// Every address that was asked for since this was called last, the pages' own and those of whatever they load.
    pub async fn requested(&self) -> Vec<String> {
        let log = self.wire.post("se/log", &json!({ "type": "performance" })).await;
        let entries = log.as_array().expect("a log").iter();
        let events = entries.filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
        let sent = events.filter(|event| event["message"]["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| event["message"]["params"]["request"]["url"].as_str().map(str::to_owned)).collect()
    }
}
