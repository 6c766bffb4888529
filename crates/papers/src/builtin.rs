//! The templates of the pack `penalty-general`, as built into the program.

use std::collections::BTreeMap;

macro_rules! templates {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../procedures/penalty-general/papers/", $name, ".typ")))),*]
    };
}

/// The papers of the general penalty procedure and the modules that they share, by name.
#[must_use]
pub fn builtin_templates() -> BTreeMap<String, String> {
    let sources = templates! {
        "lib" "decision" "notice"
        "case_filing_approval"
        "site_inspection_record" "interview_record" "scene_record"
        "preservation_approval" "preservation_notice" "preservation_list" "preservation_disposal"
        "correction_order" "correction_review"
        "investigation_report" "case_disposition_approval" "legal_review_opinion"
        "penalty_notice" "penalty_hearing_notice" "defence_record" "defence_review"
        "hearing_notice" "hearing_record" "hearing_report" "collective_discussion"
        "penalty_decision" "no_penalty_decision" "public_decision" "service_receipt"
        "urging_letter" "case_closing_approval" "dossier_cover" "dossier_index" "supplement_index"
        "no_filing_approval" "termination_approval" "suspension_approval" "resumption_approval" "extension_approval"
        "recusal_decision" "electronic_service_confirmation" "service_announcement"
        "appraisal_commission" "appraisal_notice"
        "crime_report" "crime_transfer_approval" "crime_transfer" "crime_handover_list"
        "surcharge_decision" "deferral_approval" "deferral_refusal" "execution_agreement" "court_application"
        "revocation_decision" "change_notice" "clerical_correction" "publication_approval"
    };
    sources
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DUTIES;

    #[test]
    fn templates_pick_persons_by_known_duties_only() {
        let mut picks = 0;
        for (name, source) in builtin_templates() {
            for call in ["names(\"", "names-and-cards(\"", "people-of(\""] {
                for rest in source.split(call).skip(1) {
                    let duty = rest.split('"').next().unwrap();
                    assert!(
                        DUTIES.iter().any(|(known, _)| *known == duty),
                        "{name}: {duty}"
                    );
                    picks += 1;
                }
            }
            for line in source
                .lines()
                .filter(|line| line.trim_start().starts_with("#signs("))
            {
                let duty = line.split('"').nth(3).unwrap();
                assert!(
                    DUTIES.iter().any(|(known, _)| *known == duty),
                    "{name}: {duty}"
                );
                picks += 1;
            }
        }
        assert!(picks > 50, "{picks}");
    }

    #[test]
    fn every_template_of_the_pack_is_built_in() {
        let dir = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../procedures/penalty-general/papers"
        );
        let mut files: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .filter_map(|entry| {
                entry
                    .unwrap()
                    .file_name()
                    .into_string()
                    .unwrap()
                    .strip_suffix(".typ")
                    .map(str::to_owned)
            })
            .collect();
        files.sort();
        assert_eq!(files, builtin_templates().into_keys().collect::<Vec<_>>());
    }
}
