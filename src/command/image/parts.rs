//! The parts of a tar file, until it is written.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::image::archive::{ImageArchive, Layout, NamedRoot};
use crate::util::escape::shown_path;

/// Refuses a name that says that the file is packed: the blobs in it are. Parts of a file go to the directory beside it, so
/// that it cannot be standard output.
pub(in crate::command) fn refuse_packed(output: &Path) -> anyhow::Result<()> {
    let name = output.to_string_lossy();
    if name == "-" {
        bail!("-o -: nothing is written to standard output: give the name of a file");
    }
    if [".gz", ".tgz", ".zst", ".zstd", ".bz2", ".xz"].iter().any(|end| name.ends_with(end)) {
        bail!(
            "{} would not be packed, because the layers in it are: give a name that ends with .tar",
            shown_path(&output)
        );
    }
    Ok(())
}

/// The directory of the parts: a run that is interrupted leaves it, and the next one goes on with it.
pub(in crate::command) fn partial(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

/// Writes the tar file among its parts, gives it its name once it is whole and can be read again, and removes the parts.
pub(in crate::command) fn pack(layout: &Layout, roots: &[NamedRoot], output: &Path) -> anyhow::Result<()> {
    let parts = partial(output);
    let archive = parts.join("archive.tar");
    let failed = || format!("cannot write {}", shown_path(&output));
    let written = std::fs::File::create(&archive).and_then(|to| layout.write_tar(roots, to));
    written.with_context(failed)?;
    prove(&archive, roots, output)?;
    std::fs::rename(&archive, output).with_context(failed)?;
    std::fs::remove_dir_all(&parts)
        .with_context(|| format!("cannot remove {}, which is not needed any more", shown_path(&parts)))
}

/// Writes the index of a directory of parts, and reads all again.
pub(in crate::command) fn finish(
    layout: &Layout,
    roots: &[NamedRoot],
    directory: &Path,
) -> anyhow::Result<()> {
    layout.finish(roots).with_context(|| format!("cannot write {}", shown_path(&directory)))?;
    prove(directory, roots, directory)
}

/// Adds an image to those of a directory, and reads all again. Where one of its name was another image, that comes back.
pub(in crate::command) fn extend(
    layout: &Layout,
    root: &NamedRoot,
    directory: &Path,
) -> anyhow::Result<Option<String>> {
    let replaced = layout.add(root).with_context(|| format!("cannot write {}", shown_path(&directory)))?;
    prove(directory, std::slice::from_ref(root), directory)?;
    Ok(replaced)
}

/// What cannot be pushed or restored is told at once, and not when it is needed.
fn prove(written: &Path, roots: &[NamedRoot], output: &Path) -> anyhow::Result<()> {
    let proven = ImageArchive::prove(written, roots);
    proven.with_context(|| {
        format!(
            "{} was written, and cannot be used: read again, it is not what was saved",
            shown_path(&output)
        )
    })
}
