/// Some bytes out of all, to be asked of each byte of a text: a look at a table takes one instruction.
#[derive(Clone, Copy, Debug)]
pub struct Signs([bool; 256]);

impl Signs {
    /// These bytes.
    #[must_use]
    pub const fn new(bytes: &[u8]) -> Self {
        let mut table = [false; 256];
        let mut n = 0;
        while n < bytes.len() {
            table[bytes[n] as usize] = true;
            n += 1;
        }
        Self(table)
    }

    /// Whether a byte is one of them.
    #[must_use]
    pub fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_that_were_given() {
        const SIGNS: Signs = Signs::new(b"[\xff\0");
        let found: Vec<u8> = (0..=u8::MAX).filter(|byte| SIGNS.has(*byte)).collect();
        assert_eq!(found, [0, b'[', 255]);
    }
}
