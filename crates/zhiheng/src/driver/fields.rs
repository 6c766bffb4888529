//! Values of forms, as the driver fills them in.

use casework::field::{FieldValue, Fields, ReviewItem};

/// Text as a field.
pub fn text(value: impl Into<String>) -> FieldValue {
    FieldValue::Text(value.into())
}

/// Points as a field.
pub fn points(list: &[&str]) -> FieldValue {
    FieldValue::Points(list.iter().map(|p| (*p).to_owned()).collect())
}

/// Fields from pairs.
pub fn fields<const N: usize>(pairs: [(&str, FieldValue); N]) -> Fields {
    pairs
        .into_iter()
        .map(|(id, value)| (id.to_owned(), value))
        .collect()
}

/// Ten items in order.
pub fn ten_items() -> FieldValue {
    FieldValue::TenItems(vec![
        ReviewItem {
            ok: true,
            remark: String::new()
        };
        10
    ])
}

/// The form of a service by that method.
pub(super) fn served(method: &str) -> Fields {
    fields([
        ("method", text(method)),
        ("recipient", text("当事人")),
        ("place", text("当事人住所")),
    ])
}
