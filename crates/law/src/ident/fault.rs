//! What can be wrong with a code, in words for the officer who typed it.

use thiserror::Error;

use super::CodeKind;

/// What is wrong with a code, and where (positions count from 1).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodeFault {
    /// Nothing is there.
    #[error("代码为空，请填写18位统一社会信用代码或公民身份号码")]
    Empty,
    /// No kind of code has this length.
    #[error(
        "共{length}位，不是任何一种代码的长度：统一社会信用代码、公民身份号码18位，组织机构代码9位，行政区划代码6位；请核对有无漏写或多写"
    )]
    NoSuchLength {
        /// Characters found.
        length: usize,
    },
    /// The length is not that of the kind.
    #[error("{}应为{expected}位，实为{length}位，请核对有无漏写或多写", kind.label())]
    Length {
        /// The kind asked for.
        kind: CodeKind,
        /// Characters it has.
        expected: usize,
        /// Characters found.
        length: usize,
    },
    /// 15 digits.
    #[error(
        "15位号码已停用（第一代居民身份证自2013年1月1日起停止使用），请按现行居民身份证填写18位公民身份号码"
    )]
    FifteenDigits,
    /// A character that cannot stand there.
    #[error("{}第{position}位“{found}”不允许使用{}", kind.label(), advice(*kind, *position, *found))]
    Character {
        /// The kind of code.
        kind: CodeKind,
        /// Where.
        position: usize,
        /// The character.
        found: char,
    },
    /// 登记管理部门代码 that does not exist.
    #[error(
        "统一社会信用代码第1位登记管理部门代码“{found}”不存在，应为1至9、A、N或Y，企业和个体工商户为9"
    )]
    Department {
        /// The character.
        found: char,
    },
    /// 机构类别代码 that does not exist.
    #[error("统一社会信用代码第2位机构类别代码“{found}”不存在，应为1至9，企业为1、个体工商户为2")]
    Category {
        /// The character.
        found: char,
    },
    /// A province that does not exist.
    #[error("{}第{position}至{}位“{found}”不是省级行政区划代码，请核对", kind.label(), position + 1)]
    Province {
        /// The kind of code.
        kind: CodeKind,
        /// Where the two digits start.
        position: usize,
        /// The two digits.
        found: String,
    },
    /// A county of no city.
    #[error("行政区划代码第3至4位为00（省级），第5至6位也应为00，请核对")]
    CountyWithoutCity,
    /// A birth date that does not exist.
    #[error("公民身份号码第7至14位“{found}”不是存在的出生日期，请核对")]
    BirthDate {
        /// The eight digits.
        found: String,
    },
    /// A birth date after today.
    #[error("公民身份号码第7至14位出生日期{found}晚于今天，请核对")]
    BornInFuture {
        /// The date.
        found: jiff::civil::Date,
    },
    /// 顺序码 000.
    #[error("公民身份号码第15至17位顺序码不应为000，请核对")]
    Serial,
    /// The last character does not fit the others.
    #[error("{}第{position}位校验码应为{expected}，实为{found}，请对照证照逐位核对", kind.label())]
    Check {
        /// The kind of code.
        kind: CodeKind,
        /// Where the check character stands.
        position: usize,
        /// What it should be for the characters before it.
        expected: char,
        /// What it is.
        found: char,
    },
    /// The organisation code inside (positions 9–17, GB 11714) does not fit.
    #[error(
        "统一社会信用代码第17位（第9至17位主体标识码的校验码）应为{expected}，实为{found}，请对照证照逐位核对"
    )]
    InnerCheck {
        /// What it should be for the eight characters before it.
        expected: char,
        /// What it is.
        found: char,
    },
}

fn advice(kind: CodeKind, position: usize, found: char) -> String {
    let like = match found {
        'I' => Some('1'),
        'O' => Some('0'),
        'Z' => Some('2'),
        'S' => Some('5'),
        'V' => Some('U'),
        _ => None,
    };
    match (kind, like) {
        (CodeKind::Credit, Some(like)) => {
            format!("（代码不用字母I、O、S、V、Z），请核对是否为“{like}”")
        }
        (CodeKind::Citizen, _) if position == 18 => "，应为数字或X".to_owned(),
        (CodeKind::Citizen | CodeKind::Division, _) => "，应为数字".to_owned(),
        (CodeKind::Credit | CodeKind::Organisation, _) => {
            "，应为数字或大写字母，中间不留空格和连字符".to_owned()
        }
    }
}
