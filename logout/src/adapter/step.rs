//! Steps of a notice that an adapter renders: its form and its part.

use crate::transport::Response;

/// The form of a notice that [`Adapter::render`](crate::Adapter::render) must produce.
///
/// An adapter whose messages cannot be refused for their form ignores it. The plain form should be
/// so simple that nothing in it can be refused: one text, no markup. What is refused in that form
/// too counts as [`Rejected`](crate::stats::Reason::Rejected). A later version may add forms: treat
/// an unknown one as the plain form. [`Adapter::render`](crate::Adapter::render) has an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Everything that the platform offers.
    #[default]
    Rich,
    /// The simplest message that the platform accepts, requested after it refused the rich one.
    Plain,
}

/// The step of [`Adapter::render`](crate::Adapter::render): which form, which part, and the answers
/// to the parts before.
///
/// ```
/// use logout::adapter::{Form, Response, Step};
///
/// let first = Step::default();
/// assert_eq!((first.form, first.part), (Form::Rich, 0));
///
/// let answer = Response::new(200);
/// let second = first.next(&answer);
/// assert_eq!(second.part, 1);
/// assert!(second.answers.last().is_some_and(Response::is_success));
/// assert_eq!(Step::plain().form, Form::Plain);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step<'a> {
    /// Rich, or plain after a refusal.
    pub form: Form,
    /// 0 for the first request of a notice.
    pub part: usize,
    /// The answers to the parts before, the first one first. Where one would take the bodies over 64 KiB together,
    /// logout keeps its body and empties those before it.
    pub answers: &'a [Response],
    /// An id of the message, as [`Notice::id`](crate::Notice::id): the same for each of its
    /// attempts and parts. Empty in a test that sets none.
    pub id: &'a str,
    /// What the adapter has [remembered](crate::Adapter::remember) about this problem; `None` in a
    /// message about several.
    pub memory: Option<&'a Memory>,
}

/// The memory of an adapter about a problem: at most 64 bytes of text, such as the address of a
/// thread.
///
/// ```
/// use logout::adapter::Memory;
///
/// let memory = Memory::new("1764331471.000100").unwrap();
/// assert_eq!(memory.as_str(), "1764331471.000100");
/// assert!(Memory::new("").is_none());
/// assert!(Memory::new(&"7".repeat(65)).is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory(Box<str>);

impl Memory {
    /// How many bytes an adapter may leave with the lane for each problem.
    pub const MOST: usize = 64;

    /// Returns the text as it is kept; `None` if it is empty or longer than [`MOST`](Self::MOST).
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= Self::MOST;
        fits.then(|| Self(text.into()))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> Step<'a> {
    /// Returns the part after this one, with the answer to this one.
    ///
    /// For tests of an adapter that sends several requests. In a program the lane does this, and
    /// keeps earlier [`answers`](Self::answers) too; a test that needs them sets them itself.
    #[must_use]
    pub fn next(self, answer: &'a Response) -> Self {
        Self {
            part: self.part + 1,
            answers: std::slice::from_ref(answer),
            ..self
        }
    }

    /// Returns the first part of the plain form.
    ///
    /// For tests of what is sent after a refusal.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            form: Form::Plain,
            ..Self::default()
        }
    }
}
