//! `milepost image push`

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::bar::with_bar;
use super::targets::{TagTarget, collision};
use super::{
    Exit, RegistryArgs, SpeedArgs, Terminal, of_archive, operand, reference, scratch, tally_in_words,
};
use crate::image::archive::ImageArchive;
use crate::image::manifest::{OCI_INDEX, OCI_MANIFEST};
use crate::image::{Reference, ReferenceParts};
use crate::transfer::{Brought, Pushed, push_image};
use crate::util::escape::shown_path;

/// Push images of an archive to a registry.
///
/// The archive is what `docker save`, `podman save` or skopeo writes: a tar file, packed by gzip or zstd or not at all, or a
/// directory with an OCI layout. The image goes to the repository and tag that IMAGE names; without a tag it gets all tags
/// that it has in the archive, and so does each image of a layout that names its images by tags alone. The images of a layout keep their digests; what `docker save` writes is packed on the way.
///
/// A push that broke off sends the blobs that are not there yet; a blob that was half sent begins anew, because a registry
/// does not tell another run what it has of it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  docker save shop/web:1 -o web.tar
  milepost image push web.tar registry.example.com:5000/shop/web:1

  Straight from Docker, in a pipe:
    docker save shop/web:1 | milepost image push - registry.example.com:5000/shop/web:1

  Every image of an archive, under its own name and tags:
    milepost image push all.tar.gz registry.example.com:5000 --all

Standard output has a line for each tag: the image with its digest.

Exit codes: 0 pushed, or all there; 2 wrong usage, an archive that cannot be used, or no connection; 3 the registry refuses; \
5 no answer in time; 8 the registry fails.")]
pub(super) struct Args {
    /// The archive, or the directory of an OCI layout; - for an archive from standard input
    #[arg(value_name = "ARCHIVE")]
    archive: PathBuf,

    /// Where it goes: HOST[:PORT]/REPOSITORY[:TAG]; with --all HOST[:PORT][/PREFIX]
    #[arg(value_name = "IMAGE")]
    image: String,

    /// Push this image of an archive that has several, by its name in it, or by its digest in a layout
    #[arg(long = "image", value_name = "NAME", conflicts_with = "all")]
    named: Option<String>,

    /// Push all images of the archive, each under its own repository and tags; what is named by tags alone goes to IMAGE
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    speed: SpeedArgs,

    #[command(flatten)]
    registry: RegistryArgs,
}

/// An image of the archive, and where it goes.
struct Errand {
    index: usize,
    to: Reference,
    /// The repository with its registry, as it is written.
    repository: String,
    tags: Vec<String>,
    /// The name in the archive that each tag is from.
    names: Vec<String>,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let scratch = scratch().context("cannot make a directory for the parts of the image")?;
    let is_piped = args.archive.as_os_str() == "-";
    let shown = if is_piped { "standard input".to_owned() } else { shown_path(&args.archive) };
    let archive = if is_piped {
        piped(args, scratch.path()).with_context(|| shown.clone())?
    } else {
        ImageArchive::open(&args.archive, scratch.path()).with_context(|| shown.clone())?
    };
    let names: Vec<Vec<String>> = archive.names().iter().map(|names| names.to_vec()).collect();
    let errands = if args.all {
        let errands = all(&args.image, &names)?;
        refuse_collisions(&archive, &errands).with_context(|| shown.clone())?;
        errands
    } else if let Some(errands) = each_tag(args, &names)? {
        refuse_collisions(&archive, &errands).with_context(|| shown.clone())?;
        errands
    } else {
        vec![one(args, &shown, &archive)?]
    };
    archive.check(errands.iter().map(|errand| errand.index)).with_context(|| shown.clone())?;
    let client = args.registry.client()?;
    let (mut is_warned, brought) = (false, Brought::default());
    for errand in errands {
        let mut to = args.registry.open(&client, &errand.to, "pull,push")?;
        let parts = scratch.path().join(format!("image-{}", errand.index));
        std::fs::create_dir(&parts).context("cannot make a directory for the parts of the image")?;
        let image = archive.image(errand.index, &parts).with_context(|| shown.clone())?;
        let pushed = with_bar("pushing", term, |progress| {
            push_image(&mut to, &image, &errand.tags, args.speed.at_once(), (progress, &brought))
        });
        let pushed = pushed.map_err(|error| of_archive(error, &shown))?;
        if tell(&pushed, &errand, term)? && !is_warned {
            warn_of_oci(term)?;
            is_warned = true;
        }
        writeln!(term.err(), "{}", tally_in_words(pushed.tally, "pushed"))?;
        // Without it, what is packed of all images would be there at once.
        let _ = std::fs::remove_dir_all(&parts);
    }
    Ok(Exit::Fine)
}

/// The archive that standard input brings.
fn piped(args: &Args, scratch: &Path) -> anyhow::Result<ImageArchive> {
    if args.registry.reads_stdin() {
        bail!(
            "it cannot bring both the archive and the password of --password-stdin: keep the password with `milepost creds \
             login`, or name a file with the archive"
        );
    }
    let stdin = io::stdin();
    if stdin.is_terminal() {
        bail!("it is a terminal: give the name of an archive, or pipe one, as with `docker save IMAGE |`");
    }
    Ok(ImageArchive::read(stdin.lock(), scratch)?)
}

/// Tells what has which digest: whether it is an OCI image.
fn tell(pushed: &Pushed, errand: &Errand, term: &mut Terminal) -> anyhow::Result<bool> {
    let Some(root) = &pushed.manifest else { return Ok(false) };
    for tag in &errand.tags {
        writeln!(term.out(), "{}:{tag}@{}", errand.repository, root.digest)?;
    }
    Ok([OCI_MANIFEST, OCI_INDEX].contains(&&*root.media_type))
}

fn warn_of_oci(term: &mut Terminal) -> anyhow::Result<()> {
    writeln!(
        term.err(),
        "note: this is an OCI image, which Mesos cannot pull for UCR (Docker can): what `docker save` of a Docker before version \
         25 writes is pushed in a form that both take"
    )?;
    Ok(())
}

/// The images of a layout that has several, all named by tags alone: tags of the repository that is given, as the annotation of
/// the OCI image-spec says. Nothing where one image is meant.
fn each_tag(args: &Args, names: &[Vec<String>]) -> anyhow::Result<Option<Vec<Errand>>> {
    let are_tags =
        || names.iter().all(|names| !names.is_empty() && names.iter().all(|name| is_only_tag(name)));
    let has_tag = ReferenceParts::parse(&args.image).is_ok_and(|parts| parts.tag.or(parts.digest).is_some());
    if args.named.is_some() || names.len() < 2 || has_tag || !are_tags() {
        return Ok(None);
    }
    all(&args.image, names).map(Some)
}

/// Whether a name in an archive is a tag, without a repository. What `docker save` writes has both.
fn is_only_tag(name: &str) -> bool {
    !name.contains(['/', ':', '@'])
}

/// The one image that is pushed.
fn one(args: &Args, shown: &str, archive: &ImageArchive) -> anyhow::Result<Errand> {
    let names = &archive.names()[..];
    let index = match (&args.named, names) {
        (_, []) => bail!("{shown}: there is no image in it"),
        (Some(wanted), _) => named(wanted, archive).with_context(|| shown.to_owned())?,
        (None, [_]) => 0,
        (None, names) => bail!(
            "{shown}: there are {} images in it, {}: --image NAME pushes one, --all all",
            names.len(),
            listed(names)
        ),
    };
    let to = operand(&args.image)?;
    if to.digest().is_some() {
        bail!("a push names a tag, and not a digest: {}", args.image);
    }
    let parts = ReferenceParts::parse(&args.image)?;
    let repository = parts.named();
    let tags = match parts.tag {
        Some(tag) => vec![tag.to_owned()],
        None => own_tags(names[index]),
    };
    Ok(Errand { index, to, repository, tags, names: Vec::new() })
}

/// The image of this name or digest.
fn named(wanted: &str, archive: &ImageArchive) -> anyhow::Result<usize> {
    let names = archive.names();
    if let Some(index) = archive.digests().iter().position(|digest| *digest == Some(wanted)) {
        return Ok(index);
    }
    let mut found = (0..names.len()).filter(|index| names[*index].iter().any(|name| name == wanted));
    let Some(first) = found.next() else {
        bail!("there is no image `{wanted}` in it, only {}", listed(&names));
    };
    match found.find(|other| !archive.is_same(first, *other)) {
        None => Ok(first),
        Some(other) => match (archive.digests()[first], archive.digests()[other]) {
            (Some(one), Some(other)) => bail!(
                "there are two images `{wanted}` in it, {one} and {other}: --image takes a digest as well as a name"
            ),
            _ => bail!(
                "images {} and {} of it are both named `{wanted}`: save one of them alone",
                first + 1,
                other + 1
            ),
        },
    }
}

/// Refuses two images for one tag, of which the registry would have only the second.
fn refuse_collisions(archive: &ImageArchive, errands: &[Errand]) -> anyhow::Result<()> {
    let targets = errands.iter().flat_map(|errand| {
        errand.tags.iter().zip(&errand.names).map(|(tag, name)| TagTarget {
            tag: format!("{}:{tag}", errand.repository),
            index: errand.index,
            name,
        })
    });
    match collision(archive, targets) {
        None => Ok(()),
        Some(problem) => bail!("{problem}: push each by itself, with --image and a tag of its own"),
    }
}

/// Every image of the archive below a registry and a prefix.
fn all(prefix: &str, names: &[Vec<String>]) -> anyhow::Result<Vec<Errand>> {
    let prefix = prefix.trim_end_matches('/');
    let mut errands: Vec<Errand> = Vec::new();
    for (index, names) in names.iter().enumerate() {
        if names.is_empty() {
            bail!("image {} of the archive has no name: push it by itself, under a name", index + 1);
        }
        for name in names {
            let (repository, tag) = place_of(prefix, name)?;
            let to = reference(&format!("{repository}:{tag}"))?;
            match errands.iter_mut().find(|errand| errand.index == index && errand.repository == repository) {
                Some(errand) => {
                    errand.tags.push(tag);
                    errand.names.push(name.clone());
                }
                None => {
                    errands.push(Errand {
                        index,
                        to,
                        repository,
                        tags: vec![tag],
                        names: vec![name.clone()],
                    });
                }
            }
        }
    }
    Ok(errands)
}

/// The repository and the tag of a name in an archive, below a registry and a prefix. A name that is only a tag is one of the
/// prefix.
fn place_of(prefix: &str, name: &str) -> anyhow::Result<(String, String)> {
    if is_only_tag(name) {
        if !prefix.trim_start_matches("https://").trim_start_matches("http://").contains('/') {
            bail!("`{name}` is only a tag: give the repository too, {prefix}/REPOSITORY");
        }
        return Ok((prefix.to_owned(), name.to_owned()));
    }
    let parts = ReferenceParts::parse(name).with_context(|| format!("the name `{name}` in the archive"))?;
    Ok((format!("{prefix}/{}", parts.name), parts.tag.unwrap_or("latest").to_owned()))
}

/// The tags that an image has in the archive: of a layout's index they are alone.
fn own_tags(names: &[String]) -> Vec<String> {
    let tag = |name: &String| {
        let parsed = ReferenceParts::parse(name).ok();
        let tagged = parsed.and_then(|parts| parts.tag.map(str::to_owned));
        tagged.or_else(|| (!name.contains(['/', ':'])).then(|| name.clone()))
    };
    let mut tags: Vec<String> = names.iter().filter_map(tag).collect();
    tags.dedup();
    if tags.is_empty() { vec!["latest".to_owned()] } else { tags }
}

fn listed(names: &[&[String]]) -> String {
    let name = |names: &&[String]| names.first().cloned().unwrap_or_else(|| "one without a name".to_owned());
    names.iter().map(name).collect::<Vec<_>>().join(", ")
}
