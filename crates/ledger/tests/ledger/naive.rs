//! RFC 6962 written down as its definitions read: slow, recursive, on all leaves. What the crate is held to.

use ledger::{Hash, Suite};

/// `MTH(D[n])` of RFC 6962 2.1, on leaf hashes.
pub fn root(suite: Suite, leaves: &[Hash]) -> Hash {
    match leaves {
        [] => suite.hash(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            suite.hash(&[
                &[1],
                root(suite, left).as_ref(),
                root(suite, right).as_ref(),
            ])
        }
    }
}

/// `PATH(m, D[n])` of RFC 6962 2.1.1.
pub fn path(suite: Suite, m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut below, sibling) = if m < k {
        (path(suite, m, left), root(suite, right))
    } else {
        (path(suite, m - k, right), root(suite, left))
    };
    below.push(sibling);
    below
}

/// `PROOF(m, D[n])` of RFC 6962 2.1.2.
pub fn consistency(suite: Suite, m: usize, leaves: &[Hash]) -> Vec<Hash> {
    subproof(suite, m, leaves, true)
}

fn subproof(suite: Suite, m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![root(suite, leaves)]
        };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut below, sibling) = if m <= k {
        (subproof(suite, m, left, whole), root(suite, right))
    } else {
        (subproof(suite, m - k, right, false), root(suite, left))
    };
    below.push(sibling);
    below
}

fn split(n: usize) -> usize {
    (n / 2 + n % 2).next_power_of_two()
}
