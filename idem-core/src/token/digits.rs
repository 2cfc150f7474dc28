//! 128 bits as 22 letters and digits: base 62, always as long, so that each number has one text.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62 to the power of 22 is the first that is over 2 to the power of 128.
const LENGTH: usize = 22;

pub(super) struct Text([u8; LENGTH]);

impl Text {
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the digits are ASCII")
    }
}

pub(super) fn of(mut number: u128) -> Text {
    let mut text = [b'0'; LENGTH];
    for place in text.iter_mut().rev() {
        *place = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    Text(text)
}

/// The number of a text; `None` if it is not the text of any.
pub(super) fn read(text: &str) -> Option<u128> {
    if text.len() != LENGTH {
        return None;
    }
    text.bytes().try_fold(0_u128, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        number.checked_mul(62)?.checked_add(digit.into())
    })
}

#[cfg(test)]
mod tests {
    use super::{LENGTH, of, read};

    #[test]
    fn every_number_has_one_text_and_every_text_one_number_at_most() {
        let edges = [0, 1, 61, 62, u128::MAX - 1, u128::MAX].into_iter();
        for number in edges.chain((0..1000).map(|_| rand::random())) {
            let text = of(number);
            assert_eq!(text.as_str().len(), LENGTH);
            assert_eq!(read(text.as_str()), Some(number), "{}", text.as_str());
        }
        assert_eq!(of(0).as_str(), "0".repeat(LENGTH));
        assert_eq!(of(u128::MAX).as_str(), "7n42DGM5Tflk9n8mt7Fhc7");
        assert_eq!(read("7n42DGM5Tflk9n8mt7Fhc8"), None, "one more than there are");
    }

    #[test]
    fn what_is_no_text_of_a_number_is_none() {
        for text in [
            "",
            "0",
            "000000000000000000000",
            "00000000000000000000000",
            "00000000000-0000000000",
            "+000000000000000000000",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("00000000000000000000\u{e9}"), None, "as many bytes, and not ASCII");
        assert_eq!(read(&"z".repeat(LENGTH)), None, "too great");
    }
}
