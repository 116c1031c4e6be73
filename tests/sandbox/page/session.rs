//! A session with the page, over the protocol of Chromium's developer tools.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::browser::{Chromium, TIMEOUT};

/// A window with the page open, for as long as this lives, which shares no storage with any other.
pub(crate) struct Session {
    chromium: Arc<Chromium>,
    /// What keeps its storage apart from that of the others.
    context: Value,
    id: String,
}

impl Session {
    pub(crate) fn open(chromium: Arc<Chromium>, url: &str, (width, height): (u32, u32)) -> Self {
        let ask = |method: &str, parameters: &Value| {
            let mut answer = chromium.ask(None, method, parameters).unwrap();
            assert_eq!(answer["error"], Value::Null, "{method}");
            answer["result"].take()
        };
        let mut made = ask("Target.createBrowserContext", &json!({}));
        let context = made["browserContextId"].take();
        let window = json!({
            "url": "about:blank", "browserContextId": context, "width": width, "height": height,
        });
        let made = ask("Target.createTarget", &window);
        let attach = json!({ "targetId": made["targetId"], "flatten": true });
        let attached = ask("Target.attachToTarget", &attach);
        let id = attached["sessionId"].as_str().unwrap().to_owned();
        let mut session = Self {
            chromium,
            context,
            id,
        };
        session.resize_to(width, height);
        // Somebody looks at it.
        session.command(
            "Emulation.setFocusEmulationEnabled",
            &json!({ "enabled": true }),
        );
        session.command("Page.navigate", &json!({ "url": url }));
        session
    }

    /// Loads another page in this window and clears its storage.
    pub(crate) fn navigate(&mut self, url: &str, (width, height): (u32, u32)) {
        let origin: String = url.split_inclusive('/').take(3).collect();
        let storage = json!({ "origin": origin, "storageTypes": "all" });
        self.command("Storage.clearDataForOrigin", &storage);
        self.resize_to(width, height);
        self.value("self.isLeft = true");
        self.command("Page.navigate", &json!({ "url": url }));
        self.wait("self.isLeft === undefined");
    }

    /// Returns the document once the page shows so many requests, and whatever else it loads.
    pub(crate) fn document(&mut self, requests: usize) -> String {
        self.wait_until_shown(requests);
        let document = self.value("document.documentElement.outerHTML");
        document.as_str().unwrap().to_owned()
    }

    /// Returns a screenshot of the page as a PNG, once it shows so many requests.
    pub(crate) fn screenshot(&mut self, requests: usize) -> Vec<u8> {
        self.wait_until_shown(requests);
        let picture = self.command("Page.captureScreenshot", &json!({ "format": "png" }));
        STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }

    fn wait_until_shown(&mut self, requests: usize) {
        self.wait("document.readyState === 'complete'");
        self.wait("document.querySelector('#variables header') !== null");
        self.wait(&format!(
            "document.documentElement.dataset.seen === '{requests}'"
        ));
    }

    /// Presses and releases a key of this name.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "ArrowUp" => (38, ""),
            "Delete" => (46, ""),
            _ => (39, ""),
        };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key,
                "windowsVirtualKeyCode": code, "text": if kind == "keyUp" { "" } else { text } });
            self.command("Input.dispatchKeyEvent", &event);
        }
    }

    /// Presses Tab until the focused element satisfies the expression `is_it`, in which it is called
    /// `it`.
    pub(crate) fn tab_to(&mut self, is_it: &str) {
        let found = format!("(it => {is_it})(document.activeElement)");
        for _ in 0..100 {
            self.press("Tab");
            if self.value(&found) == Value::Bool(true) {
                return;
            }
        }
        panic!("no tab leads to {is_it}");
    }

    /// Waits until an expression is true, two minutes at the most.
    pub(crate) fn wait(&mut self, expression: &str) {
        let start = Instant::now();
        while self.value(expression) != Value::Bool(true) {
            assert!(start.elapsed() < TIMEOUT, "{expression} never comes true");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Writes text where the focus is.
    pub(crate) fn write(&mut self, text: &str) {
        self.command("Input.insertText", &json!({ "text": text }));
    }

    /// Returns the processor time in seconds that the page has used so far.
    pub(crate) fn seconds_of_work(&mut self) -> f64 {
        self.command(
            "Performance.enable",
            &json!({ "timeDomain": "threadTicks" }),
        );
        let answer = self.command("Performance.getMetrics", &json!({}));
        let metrics = answer["metrics"].as_array().unwrap();
        let task = metrics.iter().find(|one| one["name"] == "TaskDuration");
        task.unwrap()["value"].as_f64().unwrap()
    }

    /// Makes the window this wide.
    pub(crate) fn resize(&mut self, width: u32) {
        self.resize_to(width, 900);
    }

    fn resize_to(&mut self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Returns the value of an expression; `Null` if it throws, or while there is no document yet.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let what = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.ask("Runtime.evaluate", &what);
        answer["result"]["result"]["value"].take()
    }

    fn command(&mut self, method: &str, parameters: &Value) -> Value {
        let mut answer = self.ask(method, parameters);
        assert_eq!(answer["error"], Value::Null, "{method}");
        answer["result"].take()
    }

    fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        let answer = self.chromium.ask(Some(&self.id), method, parameters);
        answer.expect("chromium answers")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let context = json!({ "browserContextId": self.context });
        let method = "Target.disposeBrowserContext";
        // The browser may be gone.
        let _closed = self.chromium.ask(None, method, &context);
    }
}
