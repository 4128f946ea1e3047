//! Undoes the packing of a whole archive, and tells what is wrong with it.

use std::error::Error;
use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use super::ArchiveError;

/// What gzip packs: members, one after the other (RFC 1952), perhaps with zeros after the last one, as on a tape.
pub(super) struct GzipMembers<R> {
    /// Nothing once all is read.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> GzipMembers<R> {
    pub(super) fn new(from: R) -> Self {
        Self { member: Some(GzDecoder::new(from)) }
    }
}

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let count = member.read(to)?;
            if count > 0 || to.is_empty() {
                return Ok(count);
            }
            self.member =
                self.member.take().map(|member| following(member.into_inner())).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// The member after another one.
fn following<R: BufRead>(mut from: R) -> io::Result<Option<GzDecoder<R>>> {
    loop {
        let left = from.fill_buf()?;
        let zeros = left.iter().take_while(|byte| **byte == 0).count();
        match left.get(zeros) {
            Some(0x1f) if zeros == 0 => return Ok(Some(GzDecoder::new(from))),
            Some(_) => {
                let why = "bytes follow the end of the gzip stream: `gunzip` leaves them out, if they are of no use";
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            None if left.is_empty() => return Ok(None),
            None => from.consume(zeros),
        }
    }
}

/// The error of what unpacks.
pub(super) fn of_packing(error: &(dyn Error + 'static)) -> ArchiveError {
    let is_early = |cause: &(dyn Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::UnexpectedEof)
    };
    let mut cause = Some(error);
    while let Some(this) = cause {
        if is_early(this) {
            return ArchiveError::Truncated("what it is packed with ends too early".to_owned());
        }
        // An error of input is not told by `source` but by what it wraps.
        let wrapped = this.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| this.source());
    }
    // The zstd library tells its errors as it keeps them, for itself.
    let said = error.to_string();
    ArchiveError::Packing(if said.contains(['{', '(']) { "it is damaged".to_owned() } else { said })
}
