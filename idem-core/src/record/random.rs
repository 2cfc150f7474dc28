//! Random numbers that no other process has.

use std::cell::RefCell;

use rand::TryRng as _;
use rand::rngs::SysRng;

use super::ClaimId;

/// How many bytes are asked for at a time: a call into the system is dear beside the rest of a claim.
const READY: usize = 512;

thread_local! {
    static NUMBERS: RefCell<Numbers> = const { RefCell::new(Numbers { process: 0, bytes: [0; READY], used: READY }) };
}

/// Numbers of the operating system, ready to be used once, by one process.
struct Numbers {
    process: u32,
    bytes: [u8; READY],
    used: usize,
}

impl ClaimId {
    /// As [`random`](Self::random), for whoever knows the number of this process.
    pub(crate) fn random_in(process: u32) -> Self {
        NUMBERS.with_borrow_mut(|numbers| Self::from_bytes(numbers.next(process)))
    }
}

impl Numbers {
    fn next(&mut self, process: u32) -> [u8; 16] {
        // After a fork there is a copy of them in each process.
        if self.used == READY || self.process != process {
            SysRng.try_fill_bytes(&mut self.bytes).expect("the operating system has random numbers");
            (self.process, self.used) = (process, 0);
        }
        let mut number = [0; 16];
        number.copy_from_slice(&self.bytes[self.used..self.used + 16]);
        self.used += 16;
        number
    }
}
