//! Passwords: Argon2id, a bounded number at a time, and the mark of a demo's.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};

/// Longest password that is looked at, in bytes; a longer one is no password.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Fewest characters of a password that a person chooses.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// In front of a hash that only a demo installation takes, and only from the same machine.
const DEMO_MARK: &str = "demo:";

/// In front of the hash of a password that was given to a person, who must set one of their own before anything else.
const FIRST_MARK: &str = "first:";

/// Memory in KiB, passes, lanes: the first choice of OWASP's password storage cheat sheet for Argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too short.
    #[error("密码至少{PASSWORD_CHARS_MIN}个字符，请换一个更长的，例如几个不相干的词")]
    Short,
    /// Too long.
    #[error("密码超过{PASSWORD_BYTES_MAX}个字节，请换一个短一些的")]
    Long,
    /// The system gave no randomness, or the hash could not be made.
    #[error("密码未能保存（{0}），请稍后重试")]
    Hash(String),
}

/// What a password was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The person's own.
    Right,
    /// The one that was given to the person: good for setting one's own, and for nothing else.
    First,
    /// A demo person's: good on the same machine only.
    Demo,
    /// Not the person's.
    Wrong,
}

/// The hash to store for a password that a person chose; takes some tens of milliseconds.
///
/// # Errors
/// A password too short or too long.
pub fn hash(password: &str) -> Result<String, PasswordFault> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(PasswordFault::Short);
    }
    derive(password)
}

/// The hash to store for a demo person; it is good only where the installation is a demo and the browser local.
///
/// # Errors
/// A password too long.
pub fn hash_demo(password: &str) -> Result<String, PasswordFault> {
    Ok(format!("{DEMO_MARK}{}", derive(password)?))
}

/// The hash to store for a password that was made for a person; the person must replace it at the first sign-in.
///
/// # Errors
/// A password too short or too long.
pub fn hash_first(password: &str) -> Result<String, PasswordFault> {
    Ok(format!("{FIRST_MARK}{}", hash(password)?))
}

fn derive(password: &str) -> Result<String, PasswordFault> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(PasswordFault::Long);
    }
    derive_bytes(password.as_bytes()).map_err(|e| PasswordFault::Hash(e.to_string()))
}

fn derive_bytes(password: &[u8]) -> Result<String, password_hash::Error> {
    Ok(argon2()?.hash_password(password)?.to_string())
}

/// Checks a password against the stored hash; without one, or where it is too long to be one, takes as long and finds
/// it wrong.
///
/// Somebody who tries names must not see by the time which of them exist.
pub fn verify(password: &str, stored: Option<&str>) -> Verdict {
    let looked_at = &password.as_bytes()[..password.len().min(PASSWORD_BYTES_MAX)];
    let (hash, right) = split_mark(stored.unwrap_or_default());
    let Ok(hash) = PasswordHash::new(hash) else {
        // Nobody's, or damaged: the work is done for nothing.
        let _ = derive_bytes(looked_at);
        return Verdict::Wrong;
    };
    let matches = argon2().is_ok_and(|argon2| argon2.verify_password(looked_at, &hash).is_ok());
    if matches && password.len() <= PASSWORD_BYTES_MAX {
        right
    } else {
        Verdict::Wrong
    }
}

/// A stored hash without its mark, and what the mark says of a password that fits.
fn split_mark(stored: &str) -> (&str, Verdict) {
    [(DEMO_MARK, Verdict::Demo), (FIRST_MARK, Verdict::First)]
        .into_iter()
        .find_map(|(mark, verdict)| Some((stored.strip_prefix(mark)?, verdict)))
        .unwrap_or((stored, Verdict::Right))
}

/// The key under which failures to sign in with a name are counted, see [`store::Store::throttle_hit`].
pub fn throttle_key(login: &str) -> String {
    format!("login:{login}")
}

fn argon2() -> Result<Argon2<'static>, password_hash::Error> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)
        .map_err(|_| password_hash::Error::ParamsInvalid)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_another_is_not() {
        let stored = hash("青山绿水之间有人家甲乙").unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert_eq!(
            verify("青山绿水之间有人家甲乙", Some(&stored)),
            Verdict::Right
        );
        assert_eq!(
            verify("青山绿水之间有人家甲丙", Some(&stored)),
            Verdict::Wrong
        );
        assert_eq!(verify("", Some(&stored)), Verdict::Wrong);
        assert_eq!(verify("青山绿水之间有人家甲乙", None), Verdict::Wrong);
        assert_eq!(verify("x", Some("not a hash")), Verdict::Wrong);
        assert_ne!(
            stored,
            hash("青山绿水之间有人家甲乙").unwrap(),
            "each has its own salt"
        );
    }

    #[test]
    fn a_demo_password_is_marked_as_one() {
        let stored = hash_demo("demo").unwrap();
        assert_eq!(verify("demo", Some(&stored)), Verdict::Demo);
        assert_eq!(verify("Demo", Some(&stored)), Verdict::Wrong);
    }

    #[test]
    fn a_first_password_is_marked_as_one() {
        let stored = hash_first("k7mf-2hqp-9xwd").unwrap();
        assert_eq!(verify("k7mf-2hqp-9xwd", Some(&stored)), Verdict::First);
        assert_eq!(verify("k7mf-2hqp-9xwe", Some(&stored)), Verdict::Wrong);
    }

    #[test]
    fn whether_a_name_exists_does_not_show_by_the_time() {
        let stored = hash("青山绿水之间有人家甲乙").unwrap();
        let least = |password: &str, stored: Option<&str>| {
            let times = (0..5).map(|_| {
                let begun = std::time::Instant::now();
                assert_eq!(verify(password, stored), Verdict::Wrong);
                begun.elapsed()
            });
            times.min().unwrap()
        };
        let usual = least("wrong-password", Some(&stored));
        // Cut at 256 bytes the second is within a letter.
        for password in [
            "wrong-password".to_owned(),
            "a".repeat(300),
            "长".repeat(300),
        ] {
            for stored in [Some(stored.as_str()), None] {
                let taken = least(&password, stored);
                // No work at all takes a thousandth; other programs may slow either down.
                assert!(taken * 20 > usual, "{taken:?} of {usual:?} for {stored:?}");
            }
        }
    }

    #[test]
    fn a_password_is_not_taken_for_its_first_256_bytes() {
        let longest = "a".repeat(PASSWORD_BYTES_MAX);
        let stored = hash(&longest).unwrap();
        assert_eq!(verify(&longest, Some(&stored)), Verdict::Right);
        assert_eq!(
            verify(&format!("{longest}a"), Some(&stored)),
            Verdict::Wrong
        );
    }

    #[test]
    fn passwords_too_short_or_too_long_are_refused() {
        assert_eq!(hash("abcdefghi"), Err(PasswordFault::Short));
        assert_eq!(hash(&"长".repeat(100)), Err(PasswordFault::Long));
        assert_eq!(verify(&"a".repeat(1_000_000), Some("x")), Verdict::Wrong);
    }
}
