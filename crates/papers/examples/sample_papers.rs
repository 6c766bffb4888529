//! Writes every built-in paper with the sample data, and its copy for editing, into a folder, for those who work on the layout:
//! `cargo run -p papers --example sample_papers -- FONT_DIR OUT_DIR`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(fonts), Some(out)) = (args.next(), args.next()) else {
        return Err("usage: sample_papers FONT_DIR OUT_DIR".into());
    };
    std::fs::create_dir_all(&out)?;
    let start = Instant::now();
    let papers = papers::Papers::new(&fonts, papers::builtin_templates())?;
    println!("loaded in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);

    let data = serde_json::to_value(papers::PaperData::sample())?;
    let mut slowest = BTreeMap::new();
    for round in 0..6 {
        for name in papers.names() {
            // A changed fact each time: a warm rendering is of a new paper, not of the same one.
            let mut data = data.clone();
            data["paper"]["title"] = papers.title(name)?.into();
            data["proposal"]["facts"] = format!(
                "第{round}次。{}",
                papers::PaperData::sample().proposal.facts
            )
            .into();
            let start = Instant::now();
            let paper = papers.render(name, &data, 1_772_409_600_000_000)?;
            let ms = start.elapsed().as_secs_f64() * 1e3;
            slowest.insert(name.to_owned(), (ms, paper.pages, paper.pdf.len()));
            std::fs::write(out.join(format!("{name}.pdf")), paper.pdf)?;
            let copy = papers.editing_copy(name, &data)?;
            std::fs::write(out.join(format!("{name}.docx")), copy)?;
        }
    }
    let (mut time, mut pages) = (0.0, 0);
    for (name, (ms, n, bytes)) in &slowest {
        println!(
            "{name:28} {n} pages {ms:6.1} ms {:6.1} ms/page {bytes} bytes",
            ms / *n as f64
        );
        (time, pages) = (time + ms, pages + n);
    }
    println!(
        "warm: {:.2} ms a page over {pages} pages",
        time / pages as f64
    );
    Ok(())
}
