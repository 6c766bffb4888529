//! Number series (文号): claimed one by one, never reused, voided ones kept (DECISIONS 8).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    person::plain,
    record::{Draft, RecordError, Via, encode},
    rows::StreamRows,
};

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
        } else if event_type != NUMBER_VOIDED {
            return Err(RecordError::UnknownType(event_type.to_owned()));
        }
        Ok(())
    }

    /// The number that a claim already has.
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
        let draft = plain(NUMBER_CLAIMED, encode(&claimed)?, None, via);
        Ok((claimed, draft))
    }

    /// Voids a claim.
    pub fn void(claim: &str, reason: &str, via: Via) -> Result<Draft, RecordError> {
        let voided = Voided {
            claim: claim.to_owned(),
            reason: reason.to_owned(),
        };
        Ok(plain(NUMBER_VOIDED, encode(&voided)?, None, via))
    }

    /// A series has no rows of its own.
    pub fn rows(&self) -> StreamRows {
        StreamRows::default()
    }
}
