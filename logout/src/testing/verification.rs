//! Claims about an adapter's check of its credentials.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Contract;
use super::answers::{BODIES, shown};
use crate::adapter::{Adapter, AdapterOptions, Check};
use crate::config::key_names;
use crate::transport::{Request, Response};

/// The most questions any adapter needs.
const QUESTIONS: usize = 8;

const STATUSES: [u16; 11] = [200, 204, 302, 400, 401, 403, 404, 410, 418, 500, 503];

impl<A: Adapter + AdapterOptions> Contract<A> {
    /// Claims that [`verify`](Adapter::verify) ends after some questions whatever is answered, does
    /// not panic, calls nothing fine that was refused, and names keys that exist.
    ///
    /// # Errors
    ///
    /// What is broken, and by which answer.
    pub fn its_questions_end(&self) -> Result<(), String> {
        let adapter = self.adapter()?;
        for status in STATUSES {
            for body in BODIES {
                let mut answer = Response::new(status);
                answer.set_body(body);
                self.ask(&adapter, &answer)
                    .map_err(|why| format!("{why}: {}", shown(&answer)))?;
            }
        }
        Ok(())
    }

    /// Runs `verify`, and answers each question with this answer.
    fn ask(&self, adapter: &A, answer: &Response) -> Result<(), String> {
        let mut answers = Vec::new();
        while answers.len() <= QUESTIONS {
            let mut request = Request::new();
            let asking = || adapter.verify(&answers, &mut request);
            let Ok(check) = catch_unwind(AssertUnwindSafe(asking)) else {
                return Err("`verify` panicked".to_owned());
            };
            if check != Check::Ask {
                let was_refused = !answers.is_empty() && !answer.is_success();
                return self.judge_check(&check, was_refused);
            }
            if let Some(problem) = request.problem() {
                return Err(format!("the question cannot be sent: {problem}"));
            }
            if self.is_http && request.url().host().is_empty() {
                return Err("the question goes nowhere: `verify` has not called `get`".to_owned());
            }
            answers.push(answer.clone());
        }
        Err("every question is followed by another".to_owned())
    }

    fn judge_check(&self, check: &Check, was_refused: bool) -> Result<(), String> {
        let text = match check {
            Check::Fine(_) if was_refused => {
                return Err("what was refused is called fine".to_owned());
            }
            Check::Wrong { keys, why } => {
                let known = key_names::<A>();
                if let Some(key) = keys.iter().find(|key| !known.contains(*key)) {
                    return Err(format!(
                        "`{key}` is blamed, which is not a setting of the adapter"
                    ));
                }
                why
            }
            Check::Ask => return Ok(()),
            Check::Fine(text) | Check::Unasked(text) => text,
        };
        if text.trim().is_empty() || text.contains(char::is_control) {
            return Err(format!("what was learned is no line of text: {text:?}"));
        }
        Ok(())
    }
}
