//! Number series (文号): claimed one by one, never reused, voided ones kept (DECISIONS 8).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::record::{Draft, RecordError, Via, encode};

/// Stored type of a claim.
pub const NUMBER_CLAIMED: &str = "number.claimed@1";
/// Stored type of the voiding of a claim.
pub const NUMBER_VOIDED: &str = "number.voided@1";

/// A claim of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claimed {
    /// Place in the series, from 1.
    pub n: u64,
    /// As printed.
    pub number: String,
    /// Claim id: the command and the paper it is for, so that a retry gets the same number.
    pub claim: String,
}

/// The voiding of a claim that no paper came to use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voided {
    /// Claim id.
    pub claim: String,
    /// Why.
    pub reason: String,
}

/// State of one series of one body and year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Series {
    /// Events folded.
    pub version: u64,
    claims: BTreeMap<String, String>,
    last: u64,
}

/// Words of a number: mark of the body, kind, year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberForm<'a> {
    /// 机关代字.
    pub mark: &'a str,
    /// Kind, such as 罚.
    pub kind: &'a str,
    /// Year.
    pub year: i16,
}

/// The word of a series in numbers.
pub fn series_word(series: &str) -> &'static str {
    match series {
        "case" => "立",
        "notice" => "告",
        "hearing" => "听",
        "penalty" => "罚",
        "no_penalty" => "不罚",
        "review" => "审",
        "order" => "责改",
        "urging" => "催",
        "preserve" => "存",
        "recusal" => "回避",
        "appraisal" => "鉴",
        "crime" => "移",
        "announcement" => "公告",
        "surcharge" => "加罚",
        "deferral" => "缴批",
        "court" => "强执",
        "agreement" => "执协",
        "revocation" => "撤",
        "change" => "变",
        "clerical" => "补正",
        _ => "文",
    }
}

impl Series {
    /// Folds one stored event.
    pub fn apply(&mut self, event_type: &str, body: &[u8]) -> Result<(), RecordError> {
        self.version += 1;
        if event_type == NUMBER_CLAIMED {
            let claimed: Claimed =
                serde_json::from_slice(body).map_err(|e| RecordError::Malformed(e.to_string()))?;
            self.last = self.last.max(claimed.n);
            self.claims.insert(claimed.claim, claimed.number);
        } else if event_type == NUMBER_VOIDED {
            let voided: Voided =
                serde_json::from_slice(body).map_err(|e| RecordError::Malformed(e.to_string()))?;
            // The number is used up all the same: whoever claims anew gets the next.
            self.claims.remove(&voided.claim);
        } else {
            return Err(RecordError::UnknownType(event_type.to_owned()));
        }
        Ok(())
    }

    /// Claims that are not voided, with their numbers.
    pub fn claims(&self) -> impl Iterator<Item = (&str, &str)> {
        let claims = self.claims.iter();
        claims.map(|(claim, number)| (claim.as_str(), number.as_str()))
    }

    /// The number that a claim has, if it is not voided.
    pub fn claimed(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).map(String::as_str)
    }

    /// The next claim.
    pub fn claim(
        &self,
        form: &NumberForm<'_>,
        claim: &str,
        via: Via,
    ) -> Result<(Claimed, Draft), RecordError> {
        let n = self.last + 1;
        let number = format!("{}{}〔{}〕{n}号", form.mark, form.kind, form.year);
        let claimed = Claimed {
            n,
            number,
            claim: claim.to_owned(),
        };
        let draft = Draft::plain(NUMBER_CLAIMED, encode(&claimed)?, None, via);
        Ok((claimed, draft))
    }

    /// Voids a claim.
    pub fn void(claim: &str, reason: &str, via: Via) -> Result<Draft, RecordError> {
        let voided = Voided {
            claim: claim.to_owned(),
            reason: reason.to_owned(),
        };
        Ok(Draft::plain(NUMBER_VOIDED, encode(&voided)?, None, via))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voided_number_is_given_to_nobody_again() {
        let form = NumberForm {
            mark: "（某）应急",
            kind: series_word("penalty"),
            year: 2026,
        };
        let mut series = Series::default();
        let claim = |series: &Series| series.claim(&form, "c1/decision", Via::Desk).unwrap();
        let (first, draft) = claim(&series);
        series.apply(draft.event_type, &draft.body).unwrap();
        assert_eq!(series.claimed("c1/decision"), Some(first.number.as_str()));
        let void = Series::void("c1/decision", "文书未能生成", Via::Desk).unwrap();
        series.apply(void.event_type, &void.body).unwrap();
        assert_eq!(
            (series.claimed("c1/decision"), series.claims().count()),
            (None, 0)
        );
        let (second, _) = claim(&series);
        assert_eq!((first.n, second.n), (1, 2));
        assert!(series.apply(NUMBER_VOIDED, b"{}").is_err());
    }
}
