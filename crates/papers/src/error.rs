//! Everything that can go wrong between a template, its data and the finished file.

use std::fmt;

/// Why a paper was not made; each message says what is wrong, why, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The font directory, or a file in it, cannot be read.
    #[error("字体目录 {path} 读取失败：{source}。请先运行安装步骤复制字体，再重新启动。")]
    FontDir {
        /// The directory or file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A font family that the templates cannot do without is not in the directory.
    #[error("字体目录 {path} 缺少字体：{}。缺字体的文书会出现空白方框，因此不予生成；请按 web/fonts.txt 补齐字体文件。", families.join("、"))]
    FontMissing {
        /// The directory that was searched.
        path: String,
        /// The families that are missing.
        families: Vec<String>,
    },
    /// A template is not well-formed Typst.
    #[error("文书模板 {template} 第 {line} 行语法有误：{message}。请改正模板后重新载入。")]
    Syntax {
        /// The template's name.
        template: String,
        /// The line, from 1.
        line: usize,
        /// What the parser said.
        message: String,
    },
    /// A template reads a field that the data contract does not have.
    #[error(
        "文书模板 {template} 第 {line} 行引用了不存在的数据项“{path}”。模板只能使用数据约定内的项目，请核对名称。"
    )]
    UnknownField {
        /// The template's name.
        template: String,
        /// The line, from 1.
        line: usize,
        /// The field's path, for example `party.nmae`.
        path: String,
    },
    /// A template of the bureau's own cannot be used.
    #[error("本机关的文书模板 {file} 不能使用。{fault}移走该文件，即恢复使用内置模板。")]
    Own {
        /// The file.
        file: String,
        /// Why.
        fault: Box<PaperError>,
    },
    /// A file of the bureau's own has the name of no built-in template.
    #[error("没有与它同名的内置模板，不能替换；请核对文件名。可以替换的有：{}。", known.join("、"))]
    ReplacesNothing {
        /// The names there are.
        known: Vec<String>,
    },
    /// The replacement of a paper does not declare what it needs.
    #[error(
        "其中没有“#let needs = (…)”，不能作为文书制作；请照内置模板写明缺了就不能制作的数据项。"
    )]
    NoNeeds,
    /// The replacement of a shared module declares itself a paper.
    #[error("它是各文书共用的部分，不是文书，不能写“#let needs = (…)”；请删去。")]
    NoModule,
    /// A template's file is not named as one.
    #[error("模板的文件名须以小写的“.typ”结尾，名称只用内置模板的名称，否则不会载入；请改名。")]
    OwnEnding,
    /// A template's file is too large to be one.
    #[error("文件超过 1 MB，不是文书模板；请核对。")]
    OwnTooLarge,
    /// A paper was not ready in time.
    #[error(
        "文书“{template}”排版超过 {seconds} 秒没有完成，已经停止。模板中可能有不会结束或者次数过多的循环，请检查。"
    )]
    TooLong {
        /// The template's name.
        template: String,
        /// The time that it had, in seconds.
        seconds: u64,
    },
    /// The program that typeset a paper ended, mostly for want of memory.
    #[error(
        "文书“{template}”排版占用的内存过多或者内容过大，已经停止。模板中可能有不断增长的内容，请检查。"
    )]
    TooMuch {
        /// The template's name.
        template: String,
    },
    /// Too many papers wait to be typeset with the bureau's own templates.
    #[error("等待排版的文书太多，文书“{template}”没有生成；请稍后重试。")]
    Crowded {
        /// The template's name.
        template: String,
    },
    /// What the program that typesets apart said.
    #[error("{0}")]
    Apart(String),
    /// A template asks for fonts of which none is at hand.
    #[error("文书模板 {template} 第 {line} 行使用的字体（{}）不在字体目录中；请把字体文件放进字体目录，或者改用已有的字体。", families.join("、"))]
    FontUnknown {
        /// The template's name.
        template: String,
        /// The line, from 1.
        line: usize,
        /// The families asked for.
        families: Vec<String>,
    },
    /// A file or folder of the bureau's own templates cannot be read.
    #[error(
        "本机关的文书模板 {path} 读取失败：{source}。请核对文件权限，文件须为 UTF-8 编码；移走该文件，即恢复使用内置模板。"
    )]
    OwnUnreadable {
        /// The file or folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No template of that name is loaded.
    #[error("没有名为“{template}”的文书模板。现有模板：{}。", known.join("、"))]
    UnknownTemplate {
        /// The name asked for.
        template: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// The shared source `lib.typ` is not among the templates.
    #[error(
        "文书模板缺少公共文件 lib.typ，所有文书都要用到它。请检查程序包的 papers 目录是否完整。"
    )]
    LibraryMissing,
    /// The data do not have the form of the contract.
    #[error("文书“{template}”的数据格式不符合约定：{message}。请核对提交的数据项。")]
    Data {
        /// The template's name.
        template: String,
        /// What does not fit.
        message: String,
    },
    /// Facts are missing without which this paper would be void or misleading.
    #[error("《{title}》缺少必要内容：{}。请补齐后再制作。", join(fields))]
    MissingFields {
        /// The paper's title.
        title: String,
        /// What is missing.
        fields: Vec<FieldLabel>,
    },
    /// Characters for which no loaded font has a glyph.
    #[error("《{title}》中有字体无法显示的字：{}。为避免姓名、名称缺字，文书没有生成；写错的请更正，没有写错的请加装含该字的字体后重试。", chars.join("、"))]
    MissingGlyphs {
        /// The paper's title.
        title: String,
        /// Each character with its code point, for example `𠮷（U+20BB7）`.
        chars: Vec<String>,
    },
    /// Control characters that no docx file may hold.
    #[error("文书“{template}”中有可编辑副本不能保存的控制符（{}），常见于从其他软件粘贴的内容；请在表单中删去后重试。", chars.join("、"))]
    Unwritable {
        /// The template's name.
        template: String,
        /// Each character by its code point.
        chars: Vec<String>,
    },
    /// The typesetter stopped.
    #[error("文书“{template}”排版失败：{message}。请联系系统管理员检查模板。")]
    Typesetting {
        /// The template's name.
        template: String,
        /// The typesetter's words, with the place where it stopped.
        message: String,
    },
    /// The time stamp lies outside the calendar (microseconds UTC).
    #[error("文书生成时间 {0}（微秒）超出可表示的范围，请检查系统时钟。")]
    Stamp(i64),
}

impl PaperError {
    /// The template that the fault lies in, as far as it is known.
    pub(crate) fn template(&self) -> Option<&str> {
        match self {
            Self::Syntax { template, .. }
            | Self::UnknownField { template, .. }
            | Self::FontUnknown { template, .. }
            | Self::TooLong { template, .. }
            | Self::TooMuch { template }
            | Self::Typesetting { template, .. } => Some(template),
            _ => None,
        }
    }
}

/// A data path together with the words an officer knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldLabel {
    /// The path in the contract, for example `proposal.facts`.
    pub path: String,
    /// The Chinese name, for example `违法事实`.
    pub label: String,
}

impl fmt::Display for FieldLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}（{}）", self.label, self.path)
    }
}

fn join(fields: &[FieldLabel]) -> String {
    fields
        .iter()
        .map(FieldLabel::to_string)
        .collect::<Vec<_>>()
        .join("、")
}
