//! The hash by which OpenSSL finds a trusted certificate in a directory: `HASH.0`.
//!
//! As `X509_NAME_hash_ex` has it since OpenSSL 1.0.0 (`x509_cmp.c`, `x_name.c`): the first four bytes, little
//! endian, of the SHA-1 of the subject in its canonical form. There every string is UTF-8, in lower case as far as it is
//! ASCII, without white space around it and with one space for any inside; the outermost SEQUENCE is left out.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use x509_parser::der_parser::asn1_rs::Tag;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::util::hex::hex;

use super::der;

/// The hash of a name, as `openssl x509 -hash` prints it: eight hexadecimal digits.
pub(super) fn of(name: &X509Name<'_>) -> String {
    let mut canonical = Vec::new();
    for rdn in name.iter() {
        let mut entries: Vec<Vec<u8>> = rdn.iter().map(entry).collect();
        // DER: the elements of a SET OF in the order of their encodings.
        entries.sort();
        canonical.extend(der::element(der::SET, &entries.concat()));
    }
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, &canonical);
    hex(hash.as_ref()[..4].iter().rev())
}

fn entry(attribute: &AttributeTypeAndValue<'_>) -> Vec<u8> {
    let value = attribute.attr_value();
    let value = if let Some(text) = text(value.tag(), value.data) {
        der::element(der::UTF8, &fold(text.as_bytes()))
    } else {
        // Values of other kinds stay as they are.
        let tag = u8::try_from(value.tag().0).unwrap_or_default();
        let class = u8::from(value.header.constructed()) << 5 | (value.class() as u8) << 6;
        der::element(class | tag, value.data)
    };
    let oid = der::element(der::OID, attribute.attr_type().as_bytes());
    der::element(der::SEQUENCE, &[oid, value].concat())
}

/// The text of a string, by its kind. `T61String` is read as Latin-1, as in OpenSSL.
pub(super) fn text(tag: Tag, data: &[u8]) -> Option<String> {
    match tag {
        Tag::Utf8String => std::str::from_utf8(data).ok().map(str::to_owned),
        Tag::PrintableString | Tag::T61String | Tag::Ia5String | Tag::VisibleString => {
            Some(data.iter().map(|&byte| char::from(byte)).collect())
        }
        Tag::BmpString => {
            let units = data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        Tag::UniversalString => data
            .chunks_exact(4)
            .map(|four| char::from_u32(u32::from_be_bytes([four[0], four[1], four[2], four[3]])))
            .collect(),
        _ => None,
    }
}

fn fold(text: &[u8]) -> Vec<u8> {
    // C's isspace in the C locale, which has the vertical tab besides what Rust counts.
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let words = text.split(is_space).filter(|word| !word.is_empty());
    words.map(<[u8]>::to_ascii_lowercase).collect::<Vec<_>>().join(&b' ')
}
