//! Versions in force at once, and which goes before.

use super::*;

/// The toy pack with another head.
fn version(head: &str, children: &str) -> Pack {
    let head = format!("version=\"{head} region=\"全国\"{children}");
    let text = TOY.replacen(
        "version=\"1\" from=\"2020-01-01\" region=\"全国\"",
        &head,
        1,
    );
    read(&text).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

#[test]
fn packs_in_force_at_once_are_found_with_both_places() {
    let open = version("1\" from=\"2020-01-01\"", "");
    let closed = version("1\" from=\"2020-01-01\" to=\"2021-12-31\"", "");
    let next = version("2\" from=\"2022-01-01\"", "");
    assert_eq!(overlaps(&[closed.clone(), next.clone()]), []);
    let found = overlaps(&[open.clone(), next]);
    assert_eq!((found.len(), found[0].first, found[0].second), (1, 0, 1));
    for words in [
        "1（全国，toy.kdl 第1行）",
        "2（全国，toy.kdl 第1行）",
        "2022-01-01 同时有效",
    ] {
        assert!(found[0].message.contains(words), "{}", found[0].message);
    }
    // A province's pack applies where the nationwide one does.
    let mut local = closed;
    local.region = "110000".to_owned();
    assert_eq!(overlaps(&[open, local]).len(), 1);
}

#[test]
fn a_declared_precedence_picks_from_its_first_day_on() {
    let old = version("1\" from=\"2020-01-01\"", "");
    let over = " { over \"1\" region=\"全国\" by=\"newer\" basis=\"《立法法》第一百零三条\" level=\"law\" }";
    let new = version("2\" from=\"2022-01-01\"", over);
    let packs = [new, old];
    assert_eq!(overlaps(&packs), []);
    let on = |day: &str| {
        let day = day.parse().expect("a date");
        let found = pack_on(&packs, "toy", day, "110105").expect("settled");
        found.map(|pack| pack.version.as_str())
    };
    assert_eq!(on("2019-12-31"), None);
    assert_eq!(on("2021-12-31"), Some("1"));
    assert_eq!(on("2022-01-01"), Some("2"));
    let bare = version("2\" from=\"2022-01-01\"", "");
    let day = "2022-01-01".parse().expect("a date");
    let message = pack_on(&[packs[1].clone(), bare], "toy", day, "110105").expect_err("unsettled");
    assert!(message.contains("又没有写明哪一个优先"), "{message}");
}

#[test]
fn a_declaration_of_precedence_says_what_and_why() {
    let head = |over: &str| {
        let with = format!("region=\"全国\" {{ {over} }}");
        read(&TOY.replacen("region=\"全国\"", &with, 1))
    };
    let refused = |over: &str, words: &str| {
        let errors = head(over).expect_err("refused");
        assert!(
            errors[0].message.contains(words),
            "{words:?}, got {errors:#?}"
        );
    };
    let basis = "basis=\"某法第一条\" level=\"law\"";
    head(&format!(
        "over \"0\" region=\"全国\" by=\"special\" {basis}"
    ))
    .expect("right");
    refused(
        &format!("over \"0\" region=\"全国\" by=\"older\" {basis}"),
        "by 没有“older”这一项；可用：superior、special、newer",
    );
    refused(
        &format!("over \"0\" by=\"newer\" {basis}"),
        "缺少属性“region”",
    );
    refused(
        "over \"0\" region=\"全国\" by=\"newer\" level=\"law\"",
        "缺少属性“basis”",
    );
    refused(
        &format!("over \"0\" region=\"某省\" by=\"newer\" {basis}"),
        "6 位区划代码",
    );
}
