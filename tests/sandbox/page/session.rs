//! A visitor of the page, over the protocol of Chromium's developer tools.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

/// A browser with the page open, as long as this lives.
pub(crate) struct Session {
    child: Child,
    profile: PathBuf,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    id: u64,
    target: Option<String>,
}

impl Session {
    pub(crate) fn open(mut child: Child, profile: PathBuf, url: &str) -> Self {
        let commands = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut session = Self {
            child,
            profile,
            commands,
            answers,
            id: 0,
            target: None,
        };
        let made = session.command("Target.createTarget", &json!({ "url": url }));
        let attach = json!({ "targetId": made["targetId"], "flatten": true });
        let attached = session.command("Target.attachToTarget", &attach);
        session.target = attached["sessionId"].as_str().map(str::to_owned);
        // Somebody looks at it.
        session.command(
            "Emulation.setFocusEmulationEnabled",
            &json!({ "enabled": true }),
        );
        session
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

    /// Walks from one thing to the next until what has the focus satisfies the expression `is_it`,
    /// in which it is called `it`.
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

    /// Waits until an expression is true, half a minute at the most.
    pub(crate) fn wait(&mut self, expression: &str) {
        let start = Instant::now();
        while self.value(expression) != Value::Bool(true) {
            assert!(start.elapsed() < PATIENCE, "{expression} never comes true");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Writes text where the focus is.
    pub(crate) fn write(&mut self, text: &str) {
        self.command("Input.insertText", &json!({ "text": text }));
    }

    /// How many seconds of processor time the page has used so far.
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
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", &size);
    }

    /// What an expression comes to; `Null` if it throws, or while there is no document yet.
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
        self.id += 1;
        let mut command = json!({ "id": self.id, "method": method, "params": parameters });
        if let Some(target) = &self.target {
            command["sessionId"] = json!(target);
        }
        write!(self.commands, "{command}\0").unwrap();
        loop {
            let mut answer = Vec::new();
            self.answers.read_until(0, &mut answer).unwrap();
            answer.pop();
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            if answer["id"] == self.id {
                return answer;
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _status = self.child.wait();
        // What a profile leaves behind harms no one.
        drop(fs::remove_dir_all(&self.profile));
    }
}
