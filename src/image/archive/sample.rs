//! A tiny image that needs no network to be made: its one program says that it runs, and waits.

use std::io;

use serde_json::json;
use tar::Builder;

use super::write::{header, put_text};
use crate::image::digest::sha256;

/// Where the program is loaded.
const BASE: u32 = 0x0040_0000;
/// The sizes of the headers of an ELF file with one segment, in bytes.
const HEADERS: u32 = 64 + 56;
/// What the program says.
const MESSAGE: &[u8] = b"milepost: the image was pulled and runs\n";

/// An archive as `docker save` writes it, with an image of this name and tag for Linux on x86-64.
///
/// # Errors
/// Never, in practice: it is written to memory.
pub(crate) fn sample_archive(name: &str) -> io::Result<Vec<u8>> {
    let program = program();
    let mut layer = Builder::new(Vec::new());
    let mut executable = header(program.len() as u64);
    executable.set_mode(0o755);
    layer.append_data(&mut executable, "run", program.as_slice())?;
    let layer = layer.into_inner()?;
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": { "Entrypoint": ["/run"] },
        "rootfs": { "type": "layers", "diff_ids": [sha256(&layer)] },
        "history": [{ "created": "1970-01-01T00:00:00Z", "created_by": "milepost" }],
    });
    let saved = json!([{ "Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"] }]);
    let mut archive = Builder::new(Vec::new());
    put_text(&mut archive, "config.json", &config.to_string())?;
    archive.append_data(&mut header(layer.len() as u64), "layer.tar", layer.as_slice())?;
    put_text(&mut archive, "manifest.json", &saved.to_string())?;
    archive.into_inner()
}

/// A static ELF program: `write(1, MESSAGE)`, then `pause()` for ever.
fn program() -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut code = vec![0xb8, 1, 0, 0, 0, 0xbf, 1, 0, 0, 0]; // mov eax, 1; mov edi, 1
    code.push(0xbe); // mov esi, the message's address
    code.extend((BASE + HEADERS + 31).to_le_bytes());
    code.push(0xba); // mov edx, its length
    code.extend(length(MESSAGE).to_le_bytes());
    code.extend([0x0f, 0x05]); // syscall
    code.extend([0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7]); // mov eax, 34; syscall; jmp to its beginning
    let size = u64::from(HEADERS + length(&code) + length(MESSAGE));

    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    elf.extend([2, 0, 62, 0, 1, 0, 0, 0]); // an executable for x86-64
    elf.extend(u64::from(BASE + HEADERS).to_le_bytes()); // its entry point
    elf.extend(64_u64.to_le_bytes()); // where the segments are listed
    elf.extend([0; 12]);
    elf.extend([64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0]); // sizes of both headers, one segment, no sections
    elf.extend([1, 0, 0, 0, 5, 0, 0, 0]); // loaded, to be read and run
    elf.extend(0_u64.to_le_bytes());
    elf.extend(u64::from(BASE).to_le_bytes().repeat(2));
    elf.extend(size.to_le_bytes().repeat(2));
    elf.extend(0x1000_u64.to_le_bytes());
    elf.extend(code);
    elf.extend(MESSAGE);
    elf
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_laid_out_as_its_headers_say() {
        let program = program();
        let word = |at: usize| u64::from_le_bytes(program[at..at + 8].try_into().expect("8 bytes"));
        assert_eq!(word(64 + 32), program.len() as u64);
        let entry = usize::try_from(word(24) - u64::from(BASE)).expect("small");
        assert_eq!(program[entry], 0xb8);
        assert!(program[entry + 31..] == *MESSAGE);
    }
}
