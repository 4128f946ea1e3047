//! Where the files of an archive are once it is unpacked.

use super::unpack::ArchiveMember;

/// How many links are followed; more are a circle.
const MAX_LINKS: usize = 8;

/// What is at a path of an unpacked archive.
#[derive(Clone, Copy)]
pub(super) enum ArchiveEntry<'m> {
    /// A regular file, perhaps behind links.
    File(&'m ArchiveMember),
    /// A link that leads nowhere within the archive.
    Link(&'m ArchiveMember),
    Nowhere,
}

/// Finds what is at a path. Links within the archive are followed: they lead to the same file on an agent.
pub(super) fn find<'m>(members: &'m [ArchiveMember], path: &[&[u8]]) -> ArchiveEntry<'m> {
    let mut wanted: Vec<Vec<u8>> = path.iter().map(|part| part.to_vec()).collect();
    let mut followed = None;
    for _ in 0..MAX_LINKS {
        let link = (1..=wanted.len()).find_map(|length| {
            let member = last_at(members, &wanted[..length])?;
            member.is_link().then_some((length, member))
        });
        let Some((length, member)) = link else {
            let file = last_at(members, &wanted).filter(|member| member.is_file());
            return match (file, followed) {
                (Some(file), _) => ArchiveEntry::File(file),
                (None, Some(link)) => ArchiveEntry::Link(link),
                (None, None) => ArchiveEntry::Nowhere,
            };
        };
        followed.get_or_insert(member);
        match target(member, &wanted[..length]) {
            Some(target) => wanted = target.into_iter().chain(wanted.split_off(length)).collect(),
            None => return ArchiveEntry::Link(member),
        }
    }
    followed.map_or(ArchiveEntry::Nowhere, ArchiveEntry::Link)
}

/// The last entry with this path, which overwrites the others.
fn last_at<'m>(members: &'m [ArchiveMember], path: &[Vec<u8>]) -> Option<&'m ArchiveMember> {
    members.iter().rfind(|member| {
        let parts = plain(&member.path);
        !climbs(&member.path)
            && parts.len() == path.len()
            && parts.iter().zip(path).all(|(one, other)| *one == other)
    })
}

/// The path that a link at a path leads to; nothing where that is outside the archive.
fn target(member: &ArchiveMember, at: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let link = member.link.as_deref().filter(|link| !link.starts_with(b"/"))?;
    let mut path = match (member.kind.is_hard_link(), at.split_last()) {
        (false, Some((_, directory))) => directory.to_vec(),
        _ => Vec::new(),
    };
    for part in plain(link) {
        if part == b".." {
            path.pop()?;
        } else {
            path.push(part.to_vec());
        }
    }
    Some(path)
}

/// Whether the path leads upwards.
pub(super) fn climbs(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').any(|part| part == b"..")
}

/// The segments of a path, without `.` and empty ones. That of an absolute path is below the sandbox: Mesos joins the two
/// (`src/launcher/fetcher.cpp`, `archiver.hpp` of stout), and tar and unzip drop the first slash.
pub(super) fn plain(path: &[u8]) -> Vec<&[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").collect()
}
