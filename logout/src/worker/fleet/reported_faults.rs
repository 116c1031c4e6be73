//! The reports of a broker that fails or refuses.

use std::mem::{Discriminant, discriminant};

use crate::fleet::{BrokerFault, BrokerRequest, FaultKind};

/// The faults of the broker that were reported and still hold.
#[derive(Debug, Default)]
pub(super) struct ReportedFaults {
    /// By the kind of request that is refused; none if the broker does not answer at all.
    faults: Vec<(Option<Discriminant<BrokerRequest>>, String)>,
}

impl ReportedFaults {
    /// Notes the outcome of a request, and returns what to report of it.
    ///
    /// A refusal holds until a request of the same kind succeeds: a broker whose memory is full may
    /// take one kind and refuse another for hours.
    pub(super) fn note(
        &mut self,
        ask: &BrokerRequest,
        fault: Option<&BrokerFault>,
        is_connected: bool,
    ) -> Option<String> {
        let kind = discriminant(ask);
        let Some(fault) = fault else {
            let was_wrong = !self.faults.is_empty();
            self.faults
                .retain(|(refused, _)| refused.is_some_and(|refused| refused != kind));
            let is_right = was_wrong && self.faults.is_empty();
            return is_right.then(|| "fleet: the broker answers again".to_owned());
        };
        let is_refusal = is_connected && fault.kind == FaultKind::Refused;
        let (refused, why) = (is_refusal.then_some(kind), fault.to_string());
        let was_reported = self.faults.iter().any(|(_, reported)| *reported == why);
        let does = match is_refusal {
            true => "refuses what it is asked to do",
            false => "does not answer",
        };
        let text = format!("fleet: the broker {does}: {why}");
        self.faults.retain(|(other, _)| *other != refused);
        self.faults.push((refused, why));
        (!was_reported).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_said_once_however_well_the_rest_is_answered() {
        let put = BrokerRequest::Put {
            number: 1,
            entries: std::rc::Rc::default(),
        };
        let lead = BrokerRequest::Lead { epoch: 0, term: 1 };
        let full = BrokerFault::new(FaultKind::Refused, "full");
        let away = BrokerFault::new(FaultKind::Unanswered, "away");
        let mut reported = ReportedFaults::default();
        assert_eq!(reported.note(&lead, None, true), None);
        let first = reported.note(&put, Some(&full), true).unwrap();
        assert_eq!(
            first,
            "fleet: the broker refuses what it is asked to do: full"
        );
        for _ in 0..3 {
            assert_eq!(reported.note(&lead, None, true), None);
            assert_eq!(reported.note(&put, Some(&full), true), None);
        }
        let also = reported.note(&lead, Some(&away), true).unwrap();
        assert_eq!(also, "fleet: the broker does not answer: away");
        assert_eq!(
            reported.note(&lead, None, true),
            None,
            "it refuses as before"
        );
        let again = reported.note(&put, None, true).unwrap();
        assert_eq!(again, "fleet: the broker answers again");
        assert_eq!(reported.note(&put, None, true), None);
    }

    #[test]
    fn one_that_is_away_is_right_again_with_its_first_answer() {
        let done = BrokerRequest::Lead { epoch: 0, term: 0 };
        let read = BrokerRequest::Read {
            after: crate::fleet::Mark::default(),
            most: 1,
        };
        // Nobody listened: the request itself was not refused.
        let refused = BrokerFault::new(FaultKind::Refused, "nobody listens");
        let mut reported = ReportedFaults::default();
        assert!(reported.note(&done, Some(&refused), false).is_some());
        assert_eq!(reported.note(&read, Some(&refused), false), None);
        assert!(reported.note(&read, None, true).is_some());
    }
}
