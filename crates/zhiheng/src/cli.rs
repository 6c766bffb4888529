//! The command line; scripts call it, so names and exit codes stay.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;

/// 执衡：行政执法“三项制度”平台。
#[derive(Debug, Parser)]
#[command(name = "zhiheng", version, about)]
pub struct Cli {
    /// 安装位置和数据库。
    #[command(flatten)]
    pub place: Place,
    /// 做什么。
    #[command(subcommand)]
    pub command: Command,
}

/// Where an installation is.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// 数据文件夹。
    #[arg(long, global = true, default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
    /// 数据库地址：sqlite:… 或者 postgres://…；不填则用数据文件夹中的 SQLite。
    #[arg(
        long,
        global = true,
        env = "ZHIHENG_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_url: Option<String>,
    /// 文书和附件的文件夹；不填则用数据文件夹中的 objects。几台服务器共用一个数据库的，须用同一个共享文件夹。
    #[arg(long, global = true, env = "ZHIHENG_OBJECTS", value_name = "DIR")]
    pub objects: Option<PathBuf>,
    /// 字体文件夹。
    #[arg(
        long,
        global = true,
        env = "ZHIHENG_FONTS",
        default_value = "web/fonts",
        value_name = "DIR"
    )]
    pub fonts: PathBuf,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 启动服务。
    Serve(ServeArgs),
    /// 建立演示机关（已有数据的不改动）。
    Demo(DemoArgs),
    /// 按填好的表建立本机关的安装。
    Setup(SetupArgs),
    /// 本机关和人员：导出、更新、重设密码。
    People(PeopleArgs),
    /// 建立或者升级数据库结构。
    Migrate,
    /// 检查安装是否完好、人员是否够用。
    Doctor,
    /// 备份到文件夹。
    Backup {
        /// 备份文件夹（须不存在或者为空）。
        to: PathBuf,
    },
    /// 从备份恢复到数据文件夹（须为空）。
    Restore {
        /// 备份文件夹。
        from: PathBuf,
        /// 已公布的检查点文件；备份落后于它的，日志另起新名。
        #[arg(long)]
        checkpoint: Option<PathBuf>,
    },
    /// 把数据库搬到另一种数据库（须先停止服务）：逐行核对、全部核验后才算完成，原数据库不改动。
    Move(MoveArgs),
    /// 由记录重建全部视图和损坏的日志分块。
    Rebuild,
    /// 核验全部记录，或者离线核验一份公开文书；退出码 0 为通过，1 为不通过或者出错，3 为部分未核验。
    Verify(VerifyArgs),
    /// 把真实案件记录按全部程序办理一遍。
    Replay(ReplayArgs),
    /// 程序方案：检查、流程图、服务指南。
    Procedure(ProcedureArgs),
    /// 工作日历。
    Calendar(CalendarArgs),
    /// 服务器时钟：曾经走快的，校准后确认。
    Clock(ClockArgs),
    /// 法律、法规、规章的条文：导入后在页面上显示。
    Law(LawArgs),
    /// 证照号码。
    Id(IdArgs),
    /// 按本机关的模板排版，由服务程序启动，有时间和内存的限制。
    #[command(hide = true)]
    PaperWorker,
}

/// Arguments of `move`.
#[derive(Debug, Args)]
pub struct MoveArgs {
    /// 搬到哪里：空数据库的地址，postgres://… 或者 sqlite:…；含密码的可以写在环境变量中。
    #[arg(
        long,
        env = "ZHIHENG_MOVE_TO",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub to: String,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// 监听地址。
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// 样式文件夹。
    #[arg(long, default_value = "web/dist")]
    pub assets: PathBuf,
    /// 前面有带 TLS 的反向代理：访问者的地址以它写的 X-Forwarded-For 为准，没有写明的不予受理
    /// （也可以在 zhiheng.json 中写 "behind_proxy": true）。
    #[arg(long)]
    pub behind_proxy: bool,
    /// 在这个地址提供运行指标（Prometheus 格式，路径 /metrics，不含案件和人员信息）；不填不提供。
    #[arg(long, value_name = "ADDR")]
    pub metrics: Option<SocketAddr>,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// 演示“今天”的日期；不填为真实的今天。
    #[arg(long)]
    pub today: Option<Date>,
}

/// Arguments of `setup`.
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// 填好的表（CSV，UTF-8）。
    #[arg(required_unless_present = "template")]
    pub file: Option<PathBuf>,
    /// 输出空白样表，供填写。
    #[arg(long)]
    pub template: bool,
    /// 只核对，不建立。
    #[arg(long)]
    pub check: bool,
}

/// Arguments of `people`.
#[derive(Debug, Args)]
pub struct PeopleArgs {
    /// 做什么。
    #[command(subcommand)]
    pub command: PeopleCommand,
}

/// What to do with the bureau's people.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// 按样表格式输出现有的机关、设置和人员。
    Export,
    /// 按改好的表更新；不在表中的人员不改动。
    Update {
        /// 改好的表（CSV，UTF-8）。
        file: PathBuf,
        /// 只核对，不更新。
        #[arg(long)]
        check: bool,
    },
    /// 重设一个人的密码，新密码只显示一次。
    Password {
        /// 用户名。
        login: String,
    },
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// 较早的检查点文件：核验现在的日志是它的延续。
    #[arg(long, value_name = "FILE")]
    pub earlier: Vec<PathBuf>,
    /// 离线核验：证明文件。
    #[arg(long, requires = "document", requires = "key", value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// 离线核验：公开文书。
    #[arg(value_name = "FILE")]
    pub document: Option<PathBuf>,
    /// 机关公钥文件：离线核验一份公开文书，或者不用签名密钥（log.key）核验整个数据文件夹。
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// 案件记录文件（JSON Lines）。
    pub file: PathBuf,
    /// 同时办理的案件数。
    #[arg(long, default_value_t = 2)]
    pub jobs: usize,
    /// 立案日期。
    #[arg(long, default_value = "2026-03-02")]
    pub on: Date,
    /// 最多办理几件；不填为全部。
    #[arg(long)]
    pub limit: Option<usize>,
}

/// Arguments of `procedure`.
#[derive(Debug, Args)]
pub struct ProcedureArgs {
    /// 做什么。
    #[command(subcommand)]
    pub command: ProcedureCommand,
}

/// What to do with procedures.
#[derive(Debug, Subcommand)]
pub enum ProcedureCommand {
    /// 检查程序方案；不通过的退出码为 1 并给出路径。
    Check {
        /// 方案文件夹。
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// 逐项列出性质如何证明。
        #[arg(long)]
        explain: bool,
    },
    /// 输出流程图（SVG）。
    Chart {
        /// 方案名称。
        name: String,
    },
    /// 输出服务指南（Markdown）。
    Guide {
        /// 方案名称。
        name: String,
    },
    /// 输出权限矩阵：谁可以办理、可以查看什么（Markdown），供等级保护测评使用。
    Matrix {
        /// 方案名称。
        name: String,
    },
}

/// Arguments of `calendar`.
#[derive(Debug, Args)]
pub struct CalendarArgs {
    /// 做什么。
    #[command(subcommand)]
    pub command: CalendarCommand,
}

/// What to do with the calendar.
#[derive(Debug, Subcommand)]
pub enum CalendarCommand {
    /// 导入放假通知（CSV 或者 holiday-cn 的 JSON），记入记录，运行中的服务随即采用。
    Import {
        /// 放假通知文件。
        file: PathBuf,
        /// 只核对，不导入。
        #[arg(long)]
        check: bool,
    },
    /// 计算期限届满日（按程序内置的放假安排）。
    Add {
        /// 从标准输入逐行读“起算日<TAB>数<TAB>单位”，逐行输出届满日。
        #[arg(long, required = true)]
        batch: bool,
    },
}

/// Arguments of `clock`.
#[derive(Debug, Args)]
pub struct ClockArgs {
    /// 做什么。
    #[command(subcommand)]
    pub command: ClockCommand,
}

/// What to do about the clock.
#[derive(Debug, Subcommand)]
pub enum ClockCommand {
    /// 时钟曾经走快、现已校准，日志签署的时间还在后面的，确认现在的时间，记入日志，随即恢复办理。
    Accept {
        /// 照其他可靠的时钟读出的北京时间，如 2026-03-02T09:30；与本机相差五分钟以上的不予确认。
        #[arg(long)]
        now: String,
        /// 理由：时钟何时、因何走快，何时校准。
        #[arg(long)]
        reason: String,
    },
}

/// Arguments of `law`.
#[derive(Debug, Args)]
pub struct LawArgs {
    /// 做什么。
    #[command(subcommand)]
    pub command: LawCommand,
}

/// What to do with the texts of laws.
#[derive(Debug, Subcommand)]
pub enum LawCommand {
    /// 导入条文（Markdown），记入记录，运行中的服务随即采用。
    Import {
        /// 条文文件，第一行为“# 法律名称”；文件名可以带版本日期，如 行政处罚法(2021-01-22).md。
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// 这一版本的施行日期；文件没有写明的须填写。
        #[arg(long, value_name = "DATE")]
        from: Option<Date>,
        /// 只核对，不导入。
        #[arg(long)]
        check: bool,
    },
    /// 列出已导入的条文。
    List,
    /// 停用一个版本的条文（记录中仍然保留）。
    Remove {
        /// 法律名称，全称或者简称。
        law: String,
        /// 施行日期；有几个版本的须填写。
        #[arg(long, value_name = "DATE")]
        from: Option<Date>,
    },
}

/// Arguments of `id`.
#[derive(Debug, Args)]
pub struct IdArgs {
    /// 做什么。
    #[command(subcommand)]
    pub command: IdCommand,
}

/// What to do with codes.
#[derive(Debug, Subcommand)]
pub enum IdCommand {
    /// 核对号码。
    Check {
        /// 从标准输入逐行读号码，逐行输出 ok 或者错误。
        #[arg(long, required = true)]
        batch: bool,
    },
}
